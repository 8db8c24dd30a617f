import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest, FastifySchemaCompiler } from 'fastify';
import { Type } from 'typebox';
import { shareOwnerOf } from '../../auth/actor.ts';
import { liteLlmEvent, readLiteLlm } from '../../formats/litellm.ts';
import { emptyBody } from '../../formats/parse-json.ts';
import type { EventError } from '../../ingestion/refused-events.ts';
import { formatOf, noteWholeRefusals } from '../events/arrival.ts';
import { OutcomeSchema } from '../events/outcome-schema.ts';
import { actorOf, requires } from '../shell/authenticate.ts';
import { boundBodyMemory } from '../shell/body-memory.ts';
import type { Server } from '../shell/typed-server.ts';
import { compileValidator } from '../shell/validation.ts';
import { inTurns, keepBytes, orgOfKey, type ToolOptions, takeTurnFor } from './tool-bodies.ts';

const NDJSON = 'application/x-ndjson';

const route = {
  config: requires('events:write', 'none'),
  validatorCompiler: (part: Parameters<FastifySchemaCompiler<unknown>>[0]) =>
    part.httpPart === 'body' ? () => true : compileValidator(part),
  schema: {
    tags: ['Events'],
    summary: 'Send calls from LiteLLM',
    description:
      'Takes what the generic_api callback of LiteLLM sends: an array, lines of JSON, or one object. The answer is 200 also if ' +
      'some calls were refused, and names them, because LiteLLM never sends a batch again. The org is that of the API key.',
    body: {
      content: {
        'application/json': { schema: { type: 'array', items: { type: ['object', 'null'] } } },
        [NDJSON]: { schema: { type: 'string', description: 'One payload a line.' } },
      },
    },
    response: {
      200: Type.Object({
        ...OutcomeSchema.properties,
        skipped: Type.Integer({
          description: 'Entries that are no calls: null, and payloads that read, list or delete something.',
        }),
      }),
    },
  },
};

/** The route that takes what LiteLLM's `generic_api` callback sends. */
export function registerLiteLlmRoutes(server: Server, options: ToolOptions): void {
  const plugin: FastifyPluginAsyncTypebox = async (routes) => {
    boundBodyMemory(routes, options.bodies);
    keepBytes(routes, ['application/json', NDJSON]);
    noteWholeRefusals(routes, options.ingest);
    routes.post('/ingest/litellm', route, (request, reply) => takeCalls(options, request, reply));
  };
  server.register(plugin);
}

async function takeCalls(
  { ingest, loop, byAnswer }: ToolOptions,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const actor = actorOf(request);
  const orgId = orgOfKey(actor);
  const bytes = request.body;
  if (!Buffer.isBuffer(bytes)) throw emptyBody();
  await takeTurnFor(bytes, request, loop);
  const { calls, skipped } = readLiteLlm(bytes);
  const owner = shareOwnerOf(actor);
  const events: unknown[] = [];
  /** The place in the body of each event, and after them of each payload that cannot be read. */
  const places: number[] = [];
  const broken: EventError[] = [];
  await inTurns(calls, { owner, loop }, (call) => {
    const { index } = call;
    const event = 'fault' in call ? call.fault : liteLlmEvent(call.payload, orgId, { byAnswer });
    if (typeof event === 'string') broken.push({ index, eventId: null, code: 'invalid', detail: event });
    else {
      places.push(index);
      events.push(event);
    }
  });
  const result = await ingest.submit({
    events,
    source: 'http',
    owner,
    correlationId: request.correlationId,
    mayIngestFor: (org) => org === orgId,
    arrival: { format: formatOf(request), orgId, skipped },
    rejected: broken.map((error, position) => ({ ...error, index: places.length + position })),
  });
  const errors = result.errors.map((error) => ({
    ...error,
    index: places[error.index] ?? broken[error.index - places.length]?.index ?? error.index,
  }));
  return reply.send({ ...result, errors, skipped: skipped.length });
}
