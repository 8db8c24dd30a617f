import { type Static, Type } from 'typebox';
import { answerMl, type MlGrouping, type MlQuery, mlGroupings } from '../../queries/ml/ml.ts';
import type { CsvTables } from '../csv/csv-table.ts';
import { groupingParameter, readLabels, withLabelFilters } from '../fields/label-parameters.ts';
import { shortText } from '../fields/texts.ts';
import { orgOf, requires } from '../shell/authenticate.ts';
import type { RequestTo, Server } from '../shell/typed-server.ts';
import { adminQuery, compareQuery, granularityQuery, readAdminQuestion } from './admin-query.ts';
import type { FiguresOptions } from './figures-options.ts';
import { MlSchema } from './ml-schema.ts';

const BASE = '/api/v1/analytics/ml';

/** The pipelines with a page of their own, at a path that has their name. */
const pipelines = [
  { pipeline: '3d', groupBy: 'provider', summary: 'Jobs of the pipeline 3d, by provider' },
  {
    pipeline: 'descriptions',
    groupBy: 'provider',
    summary: 'Jobs of the pipeline descriptions, by provider',
  },
  { pipeline: 'assets', groupBy: 'operation', summary: 'Jobs of the pipeline assets, by operation' },
] as const;

/** Results, durations and costs of ML jobs. */
export function registerMlRoutes(server: Server, options: FiguresOptions): void {
  server.get(`${BASE}/overview`, overviewRoute, (request) => all(options, 'pipeline', request));
  server.get(`${BASE}/providers`, providersRoute, (request) => all(options, 'provider', request));
  for (const { pipeline, groupBy, summary } of pipelines) {
    server.get(`${BASE}/${pipeline}`, mlRoute(summary, PipelineQuery), (request) =>
      answerQuery(options, orgOf(request), request.query, { groupBy, pipeline }),
    );
  }
}

const pipelineQuery = {
  ...adminQuery,
  ...compareQuery,
  ...granularityQuery,
  groupBy: groupingParameter(mlGroupings, 'Groups the jobs by this, in place of what the path says.'),
  provider: Type.Optional(
    shortText(
      100,
      'Only jobs of this provider, or of several separated by commas. Upper and lower case are the same.',
    ),
  ),
};
const PipelineQuery = withLabelFilters(pipelineQuery);
const AllQuery = withLabelFilters({
  ...pipelineQuery,
  pipeline: Type.Optional(
    shortText(
      100,
      'Only jobs of this pipeline, or of several separated by commas. Upper and lower case are the same.',
    ),
  ),
});

const mlTables: CsvTables = {
  series: { rows: 'series' },
  groups: { rows: 'groups' },
  errors: { rows: 'errors' },
  totals: { rows: 'totals' },
};

function mlRoute<Query>(summary: string, querystring: Query) {
  return {
    config: { ...requires('platform:read', 'query'), csv: mlTables },
    schema: {
      tags: ['ML pipelines'],
      summary,
      description:
        'Each figure comes with the one of the time compared with: by default the time of the same length before; see ' +
        '`compare`. The cost of a job is the one that it reports, else the price that applied when it happened. Jobs without ' +
        'a known cost are counted as unpriced. `unknownFilters` names a provider or pipeline that no job has.',
      querystring,
      response: { 200: MlSchema },
    },
  };
}

const overviewRoute = mlRoute('All ML jobs, by pipeline', AllQuery);
const providersRoute = mlRoute('All ML jobs, by provider', AllQuery);

async function all(options: FiguresOptions, groupBy: MlGrouping, request: RequestTo<typeof overviewRoute>) {
  const { pipeline } = request.query;
  return answerQuery(options, orgOf(request), request.query, { groupBy, pipeline });
}

async function answerQuery(
  { pool, clock }: FiguresOptions,
  orgId: string,
  query: Static<typeof PipelineQuery>,
  about: Pick<MlQuery, 'groupBy' | 'pipeline'>,
) {
  return answerMl(pool, {
    ...readAdminQuestion({ compare: 'previous', ...query }, orgId, clock.now()),
    ...(await readLabels(pool, orgId, query)),
    provider: query.provider,
    ...about,
    groupBy: query.groupBy ?? about.groupBy,
  });
}
