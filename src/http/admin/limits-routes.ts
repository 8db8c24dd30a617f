import type { Pool } from 'pg';
import { Type } from 'typebox';
import { type Limits, quotaNames } from '../../quotas/quota.ts';
import { quotaUse } from '../../quotas/quota-use.ts';
import type { Clock } from '../../time.ts';
import { orNull } from '../fields/nullable.ts';
import { requires } from '../shell/authenticate.ts';
import type { RequestTo, Server } from '../shell/typed-server.ts';

interface LimitsOptions {
  pool: Pool;
  clock: Clock;
  limits: Limits;
}

/** The quotas of one org. */
export function registerLimitsRoutes(server: Server, options: LimitsOptions): void {
  server.get('/analytics/v1/orgs/:orgId/limits', readRoute, (request) => read(options, request));
}

const readRoute = {
  config: requires('usage:read', 'param'),
  schema: {
    tags: ['Org analytics'],
    summary: 'The quotas of the org, and what is used',
    description:
      'Daily quotas begin anew at 00:00 UTC. Events of today are counted to within about ten seconds. ' +
      'A request beyond a quota gets a problem with the code quota_exceeded.',
    params: Type.Object({ orgId: Type.String({ minLength: 1, maxLength: 200 }) }),
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
      }),
    },
  },
};

async function read({ pool, clock, limits }: LimitsOptions, request: RequestTo<typeof readRoute>) {
  const { orgId } = request.params;
  return { orgId, limits: await quotaUse(pool, limits, orgId, clock.now()) };
}
