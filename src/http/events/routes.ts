import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest, FastifySchemaCompiler } from 'fastify';
import { Type } from 'typebox';
import { type Actor, canIngestFor, shareOwnerOf } from '../../auth/actor.ts';
import { CodedError, type Fault } from '../../errors.ts';
import { MAX_EVENTS } from '../../events/max-events.ts';
import type { DecodedEvents } from '../../formats/decoded-events.ts';
import { emptyBody } from '../../formats/parse-json.ts';
import type { Ingest, IngestResult } from '../../ingestion/ingest.ts';
import { span } from '../../telemetry/traces.ts';
import { textOrNull } from '../fields/nullable.ts';
import { actorOf } from '../shell/authenticate.ts';
import type { Server } from '../shell/typed-server.ts';
import { compileValidator } from '../shell/validation.ts';
import { MAX_BODY_BYTES, readEventBodies } from './body-parsers.ts';
import { CloudEventSchema, EventSchema } from './schema.ts';

const Outcome = Type.Object({
  received: Type.Integer({ description: 'stored + duplicates + conflicts + rejected' }),
  stored: Type.Integer({ description: 'Counted now, and committed.' }),
  duplicates: Type.Integer({ description: 'Counted before; nothing to do.' }),
  conflicts: Type.Integer({
    description: 'Same id as an event counted before, other content; kept aside, not counted.',
  }),
  rejected: Type.Integer({ description: 'Not valid, or of an org the caller may not send for.' }),
  errors: Type.Array(
    Type.Object({
      index: Type.Integer({ description: 'Place of the event in the request, from 0.' }),
      eventId: textOrNull(),
      code: Type.String(),
      detail: Type.String(),
    }),
    { description: 'Why events were refused; the first 100.' },
  ),
});

function listOr(schema: object) {
  return {
    anyOf: [schema, { type: 'array', maxItems: MAX_EVENTS, items: schema }],
  };
}

const body = {
  content: {
    'application/json': { schema: listOr({ $ref: 'Event#' }) },
    'application/x-ndjson': { schema: { type: 'string', description: 'One event as JSON a line.' } },
    'application/cloudevents+json': { schema: { $ref: 'CloudEvent#' } },
    'application/cloudevents-batch+json': {
      schema: { type: 'array', maxItems: MAX_EVENTS, items: { $ref: 'CloudEvent#' } },
    },
  },
};

interface EventsOptions {
  ingest: Ingest;
  /** Most bytes of bodies held at a time, of all requests together. */
  maxBodyBytesInFlight: number;
}

/** Takes events in. The body is parsed once, natively; the catalogue checks each event, so no schema runs here. */
export function registerEventsRoutes(server: Server, { ingest, maxBodyBytesInFlight }: EventsOptions): void {
  server.addSchema(EventSchema);
  server.addSchema(CloudEventSchema);

  const plugin: FastifyPluginAsyncTypebox = async (routes) => {
    readEventBodies(routes, maxBodyBytesInFlight);
    const common = { tags: ['Events'], body };
    const config = { access: { capability: 'events:write', org: 'none' } } as const;
    // The schema of the body is there to be read by people.
    const validatorCompiler: FastifySchemaCompiler<unknown> = (part) =>
      part.httpPart === 'body' ? () => true : compileValidator(part);

    routes.post(
      '/analytics/v1/events',
      {
        config,
        validatorCompiler,
        schema: {
          ...common,
          summary: 'Send events',
          description: `Up to ${MAX_EVENTS} events or ${MAX_BODY_BYTES / 1e6} MB, plain or compressed (gzip, deflate, br). The answer comes once they are committed. Sending again what may have been stored is safe: an event counts once.`,
          response: {
            200: Outcome,
            207: Type.Object(Outcome.properties, {
              description: 'Some events were refused; the others are stored.',
            }),
          },
        },
      },
      async (request, reply) => {
        const body = bodyOf(request);
        const { events } = body;
        const result = await span('ingest', { events: events.length }, () =>
          ingest.submit({
            events,
            source: 'http',
            owner: shareOwnerOf(actorOf(request)),
            correlationId: request.correlationId,
            mayIngestFor: remembered(actorOf(request)),
          }),
        );
        return reply.code(result.rejected + result.conflicts > 0 ? 207 : 200).send(explain(result, body));
      },
    );

    routes.post(
      '/analytics/v1/events/validate',
      {
        config,
        validatorCompiler,
        schema: {
          ...common,
          summary: 'Check events without storing them',
          description:
            'Takes what sending takes. The problem of a 400 names the faults by their JSON paths: the first 20 of an event, and 1,000 in all.',
          response: { 204: Type.Null({ description: 'Every event is valid.' }) },
        },
      },
      async (request, reply) => {
        const body = bodyOf(request);
        const { faults, more } = await ingest.validate(body.events);
        if (faults.length === 0) return reply.code(204).send(null);
        const many = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
        throw new CodedError(
          'invalid_events',
          more === 0
            ? `${many} in what was sent.`
            : `The first ${many} in what was sent; there are ${more} more.`,
          { faults: faults.map((fault) => locate(fault, body)) },
        );
      },
    );
  };
  server.register(plugin);
}

/** A request that has neither a body nor a content type was not read at all. */
function bodyOf({ body }: FastifyRequest): DecodedEvents {
  if (body === undefined) throw emptyBody();
  return body as DecodedEvents;
}

/** Whether the actor may send for an org, worked out once per org. */
function remembered(actor: Actor): (orgId: string) => boolean {
  const known = new Map<string, boolean>();
  return (orgId) => {
    const answer = known.get(orgId) ?? canIngestFor(actor, orgId);
    known.set(orgId, answer);
    return answer;
  };
}

/** Ingestion saw nothing where an event could not be read; the caller is told why. */
function explain(result: IngestResult, { unreadable }: DecodedEvents): IngestResult {
  return {
    ...result,
    errors: result.errors.map((error) => {
      const found = unreadable.get(error.index);
      if (found === undefined) return error;
      return { ...error, eventId: found.eventId, detail: `${found.field} ${found.message}`.trim() };
    }),
  };
}

/** The fault as the caller sees it: where it stands in what was sent, and without an index where that was one event. */
function locate({ path, message }: Fault, { unreadable, single, placeOf }: DecodedEvents): Fault {
  const [, position = '', field = ''] = /^\$\[(\d+)\]\.?(.*)$/s.exec(path) ?? [];
  const index = Number(position);
  const found = unreadable.get(index);
  const at = single ? '$' : `$[${index}]`;
  const place = found?.field ?? (field === '' ? '' : (placeOf?.(index, field) ?? field));
  return { path: place === '' ? at : `${at}.${place}`, message: found?.message ?? message };
}
