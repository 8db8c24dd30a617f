import type { Pool } from 'pg';
import { type Static, Type } from 'typebox';
import { costSources } from '../../events/pricing.ts';
import { answerMl, type MlQuestion, mlGroupings } from '../../queries/ml/ml.ts';
import type { Clock } from '../../time.ts';
import { numberOrNull, textOrNull } from '../fields/nullable.ts';
import { moment } from '../fields/query-parameters.ts';
import { orgOf } from '../shell/authenticate.ts';
import type { Server } from '../shell/typed-server.ts';
import {
  adminFrame,
  adminQuery,
  ComparedNumber,
  compareQuery,
  comparisonFrame,
  GranularityShown,
  granularityQuery,
  readAdminQuestion,
} from './admin-query.ts';

function filter(description: string) {
  return Type.Optional(Type.String({ minLength: 1, maxLength: 100, description }));
}

const provider = filter('Only jobs of this provider.');
const pipeline = filter('Only jobs of this pipeline.');

const question = { ...adminQuery, ...compareQuery, ...granularityQuery };
const ByProvider = Type.Object({ ...question, provider });
const ByProviderAndPipeline = Type.Object({ ...question, provider, pipeline });

const figures = {
  jobs: 'Jobs that ended, in whatever way.',
  succeeded: 'Jobs that succeeded.',
  failed: 'Jobs that ended in error, timeout or throttled.',
  cancelled: 'Jobs that were cancelled, which is no failure.',
  successRate: 'Share of the jobs that were not cancelled, 0 to 1; null where there were none.',
  durationAvgMs: 'Milliseconds; null without jobs.',
  durationP50Ms: 'Milliseconds, within 1 %; null without jobs.',
  durationP95Ms: 'Milliseconds, within 1 %; null without jobs.',
  durationP99Ms: 'Milliseconds, within 1 %; null without jobs.',
  costCents: 'Of the jobs whose cost is known; null where there are jobs and no cost of any is known.',
  costPerSuccessCents: 'What jobs cost for each that succeeded; of those whose cost is known.',
  unpricedJobs: 'Jobs whose cost is not known: neither they say it nor the price table.',
} as const;
type Figure = keyof typeof figures;

function each<T>(schemaOf: (description: string) => T): Record<Figure, T> {
  return Object.fromEntries(
    Object.entries(figures).map(([name, description]) => [name, schemaOf(description)]),
  ) as Record<Figure, T>;
}

const comparedFigures = each((description) => ({ ...ComparedNumber, description }));
const plainFigures = each(numberOrNull);

const CostOfSource = Type.Object({ jobs: Type.Integer(), costCents: numberOrNull('null: not known.') });

const Answer = Type.Object({
  ...adminFrame,
  ...comparisonFrame,
  granularity: GranularityShown,
  groupBy: Type.Enum(mlGroupings),
  totals: Type.Object(comparedFigures),
  costsBySource: Type.Record(Type.Enum(costSources), CostOfSource, {
    description: 'given: the jobs said it. table: from the price table. none: not known.',
  }),
  errors: Type.Array(
    Type.Object({
      code: textOrNull('As the provider calls it; null where it did not say.'),
      status: Type.String(),
      jobs: Type.Integer(),
    }),
    { description: 'The most frequent first, at most 50.' },
  ),
  otherErrors: Type.Integer({ description: 'Failed jobs that are in none of the errors shown.' }),
  groups: Type.Array(
    Type.Object({
      name: textOrNull('Of the pipeline, provider or operation; null where jobs name none.'),
      ...comparedFigures,
      costShare: numberOrNull('Of all costs that are known, 0 to 1; null where there are none.'),
    }),
    { description: 'The one with most jobs first; one that had jobs only before is there too.' },
  ),
  series: Type.Array(Type.Object({ bucketStart: moment('Start of the bucket.'), ...plainFigures })),
});

const DESCRIPTION =
  'Each figure beside that of the time compared with: as long a time before, unless `compare` says otherwise. ' +
  'Costs are those that jobs say, else by the price that was in force when they happened; jobs of unknown cost are ' +
  'counted as unpriced. A provider or pipeline without jobs gives an empty answer.';

interface Options {
  pool: Pool;
  clock: Clock;
}

/** How jobs of ML pipelines went and what they cost. */
export function registerMlRoutes(server: Server, { pool, clock }: Options): void {
  const config = { access: { capability: 'platform:read', org: 'query' } } as const;
  const tags = ['ML pipelines'];
  const schema = <Query>(summary: string, querystring: Query) => ({
    tags,
    summary,
    description: DESCRIPTION,
    querystring,
    response: { 200: Answer },
  });
  const answer = (
    orgId: string,
    query: Static<typeof ByProvider>,
    rest: Pick<MlQuestion, 'groupBy' | 'pipeline'>,
  ) =>
    answerMl(pool, {
      ...readAdminQuestion({ compare: 'previous', ...query }, orgId, clock.now()),
      provider: query.provider,
      ...rest,
    });

  server.get(
    '/api/v1/analytics/ml/overview',
    { config, schema: schema('All ML jobs, by pipeline', ByProviderAndPipeline) },
    async (request) =>
      answer(orgOf(request), request.query, { groupBy: 'pipeline', pipeline: request.query.pipeline }),
  );

  server.get(
    '/api/v1/analytics/ml/providers',
    { config, schema: schema('All ML jobs, by provider', ByProviderAndPipeline) },
    async (request) =>
      answer(orgOf(request), request.query, { groupBy: 'provider', pipeline: request.query.pipeline }),
  );

  for (const { path, groupBy, summary } of pipelines) {
    server.get(
      `/api/v1/analytics/ml/${path}`,
      { config, schema: schema(summary, ByProvider) },
      async (request) => answer(orgOf(request), request.query, { groupBy, pipeline: path }),
    );
  }
}

/** The pipelines with a page of their own, which is named like them. */
const pipelines = [
  { path: '3d', groupBy: 'provider', summary: 'Jobs of the pipeline 3d, by provider' },
  { path: 'descriptions', groupBy: 'provider', summary: 'Jobs of the pipeline descriptions, by provider' },
  { path: 'assets', groupBy: 'operation', summary: 'Jobs of the pipeline assets, by operation' },
] as const;
