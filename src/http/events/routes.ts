import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest, FastifySchemaCompiler } from 'fastify';
import { Type } from 'typebox';
import { type Actor, canIngestFor, shareOwnerOf } from '../../auth/actor.ts';
import { CodedError } from '../../errors.ts';
import { MAX_EVENTS } from '../../events/max-events.ts';
import type { DecodedEvents } from '../../formats/decoded-events.ts';
import { emptyBody } from '../../formats/parse-json.ts';
import type { Ingest, IngestResult } from '../../ingestion/ingest.ts';
import type { LoopTurns } from '../../shares/loop-turns.ts';
import { span } from '../../telemetry/traces.ts';
import { actorOf, requires } from '../shell/authenticate.ts';
import type { BodyBounds } from '../shell/body-memory.ts';
import type { ReplyTo, RequestTo, Server } from '../shell/typed-server.ts';
import { compileValidator } from '../shell/validation.ts';
import { formatOf, noteWholeRefusals, onlyOrgOf } from './arrival.ts';
import { MAX_BODY_BYTES, readEventBodies } from './body-parsers.ts';
import { explainByBody, locateInBody, reasonIn } from './errors-of-body.ts';
import { OutcomeSchema } from './outcome-schema.ts';
import { CloudEventSchema, EventSchema } from './schema.ts';

const PATH = '/analytics/v1/events';
const config = requires('events:write', 'none');
const tags = ['Events'];

function oneOrSeveral(schema: object) {
  return {
    anyOf: [schema, { type: 'array', maxItems: MAX_EVENTS, items: schema }],
  };
}

const body = {
  content: {
    'application/json': { schema: oneOrSeveral({ $ref: 'Event#' }) },
    'application/x-ndjson': { schema: { type: 'string', description: 'One event per line, as JSON.' } },
    'application/cloudevents+json': { schema: { $ref: 'CloudEvent#' } },
    'application/cloudevents-batch+json': {
      schema: { type: 'array', maxItems: MAX_EVENTS, items: { $ref: 'CloudEvent#' } },
    },
  },
};

interface EventsOptions {
  ingest: Ingest;
  /** What the bodies of all requests share. */
  bodies: BodyBounds;
  /** Shares the event loop between callers. */
  loop: LoopTurns;
}

/** Routes that take events. */
export function registerEventsRoutes(server: Server, { ingest, bodies, loop }: EventsOptions): void {
  server.addSchema(EventSchema);
  server.addSchema(CloudEventSchema);
  const plugin: FastifyPluginAsyncTypebox = async (routes) => {
    readEventBodies(routes, bodies, loop);
    noteWholeRefusals(routes, ingest);
    routes.post(PATH, sendRoute, (request, reply) => send(ingest, request, reply));
    routes.post(`${PATH}/validate`, validateRoute, (request, reply) => validate(ingest, request, reply));
  };
  server.register(plugin);
}

/** The schema of the body only documents it: the event types check each event, so the body is checked once. */
function validatorCompiler(part: Parameters<FastifySchemaCompiler<unknown>>[0]) {
  return part.httpPart === 'body' ? () => true : compileValidator(part);
}

const querystring = Type.Object({
  lenient: Type.Optional(
    Type.Boolean({
      description:
        'true: unknown fields of an event are kept in its metadata, and the answer has a warning. Default false: such an ' +
        'event is refused.',
    }),
  ),
});

const sendRoute = {
  config,
  validatorCompiler,
  schema: {
    tags,
    body,
    querystring,
    summary: 'Send events',
    description:
      `A CloudEvent may also come in binary mode: its attributes as headers (ce-id, ce-source, …), its data as application/json. ` +
      `At most ${MAX_EVENTS} events or ${MAX_BODY_BYTES / 1e6} MB, plain or compressed (gzip, deflate, br, zstd). The answer comes after the events ` +
      'are committed. It is safe to send events again if you do not know whether they were stored: each counts once.',
    response: {
      200: OutcomeSchema,
      207: Type.Object(OutcomeSchema.properties, {
        description: 'Some events were refused; the others are stored.',
      }),
    },
  },
};

async function send(ingest: Ingest, request: RequestTo<typeof sendRoute>, reply: ReplyTo<typeof sendRoute>) {
  const sent = bodyOf(request);
  const { events } = sent;
  const result = await span('ingest', { events: events.length }, () =>
    ingest.submit({
      events,
      source: 'http',
      owner: shareOwnerOf(actorOf(request)),
      correlationId: request.correlationId,
      mayIngestFor: rememberOrgs(actorOf(request)),
      lenient: request.query.lenient ?? false,
      arrival: { format: formatOf(request), orgId: onlyOrgOf(request), reasonOf: reasonIn(sent) },
    }),
  );
  refuseBeyondQuota(result);
  const status = result.rejected + result.conflicts > 0 ? 207 : 200;
  return reply.code(status).send(explainByBody(result, sent));
}

/** A caller whose events are all beyond a quota gets a problem, which clients handle like other refusals. */
function refuseBeyondQuota({ received, rejected, errors }: IngestResult): void {
  const [first] = errors;
  if (first && rejected === received && errors.every(({ code }) => code === 'quota_exceeded')) {
    throw new CodedError('quota_exceeded', first.detail);
  }
}

const validateRoute = {
  config,
  validatorCompiler,
  schema: {
    tags,
    body,
    querystring,
    summary: 'Check events without storing them',
    description:
      'Takes the same bodies as sending. A 400 lists faults with their JSON paths: the first 20 of an event, and 1,000 in all.',
    response: { 204: Type.Null({ description: 'Every event is valid.' }) },
  },
};

async function validate(
  ingest: Ingest,
  request: RequestTo<typeof validateRoute>,
  reply: ReplyTo<typeof validateRoute>,
) {
  const sent = bodyOf(request);
  const { faults, more } = await ingest.validate(sent.events, { lenient: request.query.lenient ?? false });
  if (faults.length === 0) return reply.code(204).send(null);
  const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
  throw new CodedError(
    'invalid_events',
    more === 0
      ? `The events have ${count}.`
      : `The events have ${faults.length + more} faults; the first ${faults.length} are listed.`,
    { faults: faults.map((fault) => locateInBody(fault, sent)) },
  );
}

/** Fastify reads no body, and calls no parser, if the request has neither a body nor a content type. */
function bodyOf({ body }: FastifyRequest): DecodedEvents {
  if (body === undefined) throw emptyBody();
  return body as DecodedEvents;
}

/** Whether the actor may send for an org, computed once per org of a request. */
function rememberOrgs(actor: Actor): (orgId: string) => boolean {
  const known = new Map<string, boolean>();
  return (orgId) => {
    const answer = known.get(orgId) ?? canIngestFor(actor, orgId);
    known.set(orgId, answer);
    return answer;
  };
}
