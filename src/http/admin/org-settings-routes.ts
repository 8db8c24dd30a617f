import type { Pool } from 'pg';
import { Type } from 'typebox';
import { readOrgZone, setOrgZone } from '../../notifications/routing/org-zone.ts';
import type { Clock } from '../../time.ts';
import { orNull } from '../fields/nullable.ts';
import { requires } from '../shell/authenticate.ts';
import { callerOf } from '../shell/caller.ts';
import type { RequestTo, Server } from '../shell/typed-server.ts';

const PATH = '/analytics/v1/orgs/:orgId/settings';

interface OrgSettingsOptions {
  pool: Pool;
  writePool: Pool;
  clock: Clock;
}

/** What an org has set for itself: the time zone of its people. */
export function registerOrgSettingsRoutes(server: Server, options: OrgSettingsOptions): void {
  server.get(PATH, readRoute, (request) => read(options, request));
  server.put(PATH, putRoute, (request) => put(options, request));
}

const tags = ['Org analytics'];
const params = Type.Object({
  orgId: Type.String({
    minLength: 1,
    maxLength: 200,
    description: 'An org; * for rules over all orgs and their recipients.',
  }),
});

const timezone = orNull(
  Type.String({
    maxLength: 60,
    description:
      'The IANA zone of rules and recipients that name none, such as Europe/Berlin; null means UTC.',
  }),
);

const SettingsSchema = Type.Object({ orgId: Type.String(), timezone });

const readRoute = {
  config: requires('alerts:read', 'param'),
  schema: {
    tags,
    summary: 'The settings of the org',
    params,
    response: { 200: SettingsSchema },
  },
};

const putRoute = {
  config: requires('alerts:write', 'param'),
  schema: {
    tags,
    summary: 'Set the time zone of the org',
    description:
      'Anomaly rules without a `timezone` compare with the same hour of the clocks there, and messages show the times ' +
      'there to recipients whose preference names no zone. The audit log records each change.',
    params,
    body: Type.Object({ timezone }, { additionalProperties: false }),
    response: { 200: SettingsSchema },
  },
};

async function read({ pool }: OrgSettingsOptions, { params: { orgId } }: RequestTo<typeof readRoute>) {
  return { orgId, timezone: await readOrgZone(pool, orgId) };
}

async function put({ writePool, clock }: OrgSettingsOptions, request: RequestTo<typeof putRoute>) {
  const { orgId } = request.params;
  const { timezone: wanted } = request.body;
  await setOrgZone(
    { orgId, timezone: wanted },
    { pool: writePool, clock, caller: callerOf(request), field: '$.timezone' },
  );
  return { orgId, timezone: wanted };
}
