import { Type } from 'typebox';
import { readRecent } from '../../ingestion/recent/read-recent.ts';
import { FLUSH_EVERY } from '../../ingestion/recent/start-recent.ts';
import { limitParameter } from '../fields/query-parameters.ts';
import { moment } from '../fields/texts.ts';
import type { FiguresOptions } from '../figures/figures-options.ts';
import { OrgParams } from '../figures/query-schema.ts';
import { requires } from '../shell/authenticate.ts';
import type { RequestTo, Server } from '../shell/typed-server.ts';

const DEFAULT_LIMIT = 50;

/** What arrived lately for an org, and what became of it: the answer to "where is my span". */
export function registerRecentRoutes(server: Server, options: FiguresOptions): void {
  server.get('/analytics/v1/orgs/:orgId/ingestion/recent', route, (request) => answer(options, request));
}

const origin = {
  at: moment('When it was received.'),
  source: Type.String({ description: 'http, import or rabbitmq.' }),
  format: Type.String({
    description:
      'The format in which it came, such as json, ndjson, cloudevents, otlp, langfuse, litellm or bedrock.',
  }),
};

const BatchSchema = Type.Object(
  {
    ...origin,
    at: moment('When the last of its requests was received.'),
    requests: Type.Integer({ description: 'The requests, or parts of a file.' }),
    stored: Type.Integer(),
    duplicates: Type.Integer(),
    conflicts: Type.Integer(),
    rejected: Type.Integer(),
    skipped: Type.Integer({
      description: 'Records that are no calls to a model. They are accepted and not counted.',
    }),
    skippedReasons: Type.Record(Type.String(), Type.Integer(), {
      description: 'The reasons why records are no calls, with their numbers; the first ten.',
    }),
    correlationId: Type.String({ description: 'Of its last request.' }),
  },
  { description: 'The requests of one source and format that one process took in within two seconds.' },
);

const RefusalSchema = Type.Object({
  ...origin,
  id: Type.Union([Type.String(), Type.Null()], {
    description: 'The id of the event or span; null if it has none, or if a request was refused as a whole.',
  }),
  code: Type.String(),
  reason: Type.String({ description: 'The first 300 characters of what the sender was told.' }),
  correlationId: Type.String(),
});

const SkippedSchema = Type.Object({
  ...origin,
  id: Type.Union([Type.String(), Type.Null()], { description: 'The id of the span or record.' }),
  reason: Type.String({ description: 'Why it is no call to a model.' }),
});

const route = {
  config: requires('events:read', 'param'),
  schema: {
    tags: ['Org analytics'],
    summary: 'What arrived lately, and what became of it',
    description:
      'The latest batches by source and format, the latest refusals, and the latest records that are no calls to a model. ' +
      'It knows what every process took in until two seconds ago. No content of an event is kept. Under load, older refusals and skipped ' +
      'records make room. A process keeps the last 20 and 100 of two seconds. An org keeps the last 60 such entries, or a few more.',
    params: OrgParams,
    querystring: Type.Object({
      id: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 200,
          description: 'Only refusals and skipped records of this id: of an event, or of a span.',
        }),
      ),
      format: Type.Optional(Type.String({ minLength: 1, maxLength: 50, description: 'Only this format.' })),
      limit: limitParameter(500, DEFAULT_LIMIT, 'Entries of each list'),
    }),
    response: {
      200: Type.Object({
        orgId: Type.String(),
        asOf: moment('Everything received until then is in the lists, as far as they go back.'),
        batches: Type.Array(BatchSchema),
        refusals: Type.Array(RefusalSchema),
        skipped: Type.Array(SkippedSchema),
      }),
    },
  },
};

async function answer({ pool, clock }: FiguresOptions, request: RequestTo<typeof route>) {
  const { id, format, limit = DEFAULT_LIMIT } = request.query;
  const { orgId } = request.params;
  const asOf = new Date(clock.now() - FLUSH_EVERY).toISOString();
  const recent = await readRecent(pool, { orgId, id, format, limit });
  return { orgId, asOf, ...recent };
}
