import type { Pool } from 'pg';
import { Type } from 'typebox';
import { type Limits, quotaNames } from '../../quotas/quota.ts';
import { quotaUse } from '../../quotas/quota-use.ts';
import { type OrgRetention, readOrgRetention, setOrgRetention } from '../../rollups/upkeep/org-retention.ts';
import type { Clock } from '../../time.ts';
import { orNull } from '../fields/nullable.ts';
import { moment } from '../fields/texts.ts';
import { requires } from '../shell/authenticate.ts';
import { callerOf } from '../shell/caller.ts';
import type { RequestTo, Server } from '../shell/typed-server.ts';

interface LimitsOptions {
  pool: Pool;
  writePool: Pool;
  clock: Clock;
  limits: Limits;
  /** Milliseconds that raw events of all orgs are kept. */
  rawRetention: number;
}

/** The quotas of one org, and how long its raw events are kept. */
export function registerLimitsRoutes(server: Server, options: LimitsOptions): void {
  server.get('/analytics/v1/orgs/:orgId/limits', readRoute, (request) => read(options, request));
  server.put('/analytics/v1/orgs/:orgId/retention', retentionRoute, (request) => retain(options, request));
}

const tags = ['Org analytics'];
const params = Type.Object({ orgId: Type.String({ minLength: 1, maxLength: 200 }) });

const RetentionSchema = Type.Object({
  ownDays: orNull(Type.Integer({ description: 'Set for this org; null: as all orgs.' })),
  days: Type.Integer({
    description:
      'Days that raw events of the org are kept: its own, or those of RAW_RETENTION if they are fewer.',
  }),
  keptFrom: orNull(moment('Raw events of the org before it have been removed; null: none have.')),
});

const readRoute = {
  config: requires('usage:read', 'param'),
  schema: {
    tags,
    summary: 'The quotas of the org, and what is used',
    description:
      'Daily quotas begin anew at 00:00 UTC. Events of today are counted to within about ten seconds. ' +
      'A request beyond a quota gets a problem with the code quota_exceeded.',
    params,
    response: {
      200: Type.Object({
        orgId: Type.String(),
        limits: Type.Array(
          Type.Object({
            quota: Type.Enum(quotaNames),
            limit: orNull(Type.Integer({ description: 'The most that is allowed; null: no limit.' })),
            used: Type.Integer(),
          }),
        ),
        rawRetention: RetentionSchema,
      }),
    },
  },
};

const retentionRoute = {
  config: requires('orgs:manage', 'param'),
  schema: {
    tags,
    summary: 'Keep raw events of the org for fewer days',
    description:
      'Raw events of the org are removed once their UTC day is so many days old. Rollups, and all figures from them, stay. ' +
      'More days than RAW_RETENTION are refused. The audit log records each change.',
    params,
    body: Type.Object(
      {
        rawRetentionDays: orNull(Type.Integer({ minimum: 1, description: 'null: as all orgs.' })),
      },
      { additionalProperties: false },
    ),
    response: { 200: Type.Object({ orgId: Type.String(), rawRetention: RetentionSchema }) },
  },
};

async function read(
  { pool, clock, limits, rawRetention }: LimitsOptions,
  request: RequestTo<typeof readRoute>,
) {
  const { orgId } = request.params;
  return {
    orgId,
    limits: await quotaUse(pool, limits, orgId, clock.now()),
    rawRetention: shown(await readOrgRetention(pool, { orgId, rawRetention })),
  };
}

async function retain(
  { writePool, clock, rawRetention }: LimitsOptions,
  request: RequestTo<typeof retentionRoute>,
) {
  const { orgId } = request.params;
  const ownDays = request.body.rawRetentionDays;
  const set = await setOrgRetention(
    { orgId, rawRetention, ownDays },
    { pool: writePool, clock, caller: callerOf(request), field: '$.rawRetentionDays' },
  );
  return { orgId, rawRetention: shown(set) };
}

function shown({ ownDays, days, keptFrom }: OrgRetention) {
  return { ownDays, days, keptFrom: keptFrom?.toISOString() ?? null };
}
