import { Type } from 'typebox';
import { grains } from '../../rollups/grains.ts';
import { lastReconciliation } from '../../rollups/reconcile/recorded.ts';
import { orNull } from '../fields/nullable.ts';
import { moment } from '../fields/texts.ts';
import { actorOf, requires } from '../shell/authenticate.ts';
import type { Server } from '../shell/typed-server.ts';
import { checkReachesAllOrgs } from './all-orgs-only.ts';
import type { FiguresOptions } from './figures-options.ts';

const recorded = Type.Object({
  endedAt: moment('When it ended.'),
  seconds: Type.Number({ description: 'How long it took.' }),
  startedBy: Type.Enum(['schedule', 'command'] as const, {
    description: 'schedule: the daily job, which compares the last two days. command: `tidemark reconcile`.',
  }),
  start: moment('Start of the time that was compared.'),
  end: moment('End of the time that was compared.'),
  rowsCompared: Type.Integer({
    description: 'Compared rows of raw events: one for each hour, org and type. 0: there were no events.',
  }),
  bookedDays: Type.Integer({
    description: 'Days of orgs that were compared with their books, because the raw events are removed.',
  }),
  reconciles: Type.Boolean({ description: 'Whether nothing differs.' }),
  drifts: Type.Array(
    Type.Object({
      type: Type.String({ description: 'Type of the events.' }),
      grain: Type.Enum(grains.map(({ name }) => name)),
      count: Type.Integer({ description: 'Buckets of all orgs that differ.' }),
    }),
    { description: 'What differs. `tidemark reconcile` lists each bucket with its org.' },
  ),
});

const lastReconciliationRoute = {
  config: requires('platform:read', 'none'),
  schema: {
    tags: ['System health'],
    summary: 'The last comparison of rollups with raw events',
    description:
      'A job compares the last two days each day, and `tidemark reconcile` compares any range. The caller needs access to all ' +
      'orgs. One org is compared by `/analytics/v1/orgs/{orgId}/reconciliation`, at the time of the request.',
    querystring: Type.Object({}),
    response: {
      200: Type.Object({
        last: orNull(recorded, 'null: there has been none since the service was installed.'),
      }),
    },
  },
};

/** The last reconciliation of all orgs. */
export function registerLastReconciliationRoutes(
  server: Server,
  { pool }: Pick<FiguresOptions, 'pool'>,
): void {
  server.get('/api/v1/analytics/health/reconciliation', lastReconciliationRoute, async (request) => {
    checkReachesAllOrgs(actorOf(request), 'The last reconciliation is of all orgs together.');
    const last = await lastReconciliation(pool);
    if (last === undefined) return { last: null };
    const { from, to, endedAt, ...others } = last;
    return {
      last: {
        ...others,
        endedAt: endedAt.toISOString(),
        start: from.toISOString(),
        end: to.toISOString(),
        reconciles: last.drifts.length === 0,
      },
    };
  });
}
