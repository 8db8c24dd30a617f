import { Type } from 'typebox';
import { listEvents } from '../../queries/events/list-events.ts';
import { lookUpEvent } from '../../queries/events/look-up-event.ts';
import type { EventPlace } from '../../queries/events/read-events.ts';
import { shownEvent } from '../../queries/events/shown-event.ts';
import { afterParameter, cursorOf, readCursor } from '../fields/page-cursor.ts';
import { limitParameter } from '../fields/query-parameters.ts';
import type { FiguresOptions } from '../figures/figures-options.ts';
import { OrgParams } from '../figures/query-schema.ts';
import { requires } from '../shell/authenticate.ts';
import type { RequestTo, Server } from '../shell/typed-server.ts';
import { shownConflict } from './conflict-schema.ts';
import { readEventFilters } from './event-query.ts';
import { isMicroseconds, readEventRange } from './event-range.ts';
import { EventListSchema, EventLookUpSchema, listFilters, withEventLabels } from './stored-schema.ts';

const PATH = '/analytics/v1/orgs/:orgId/events';
const config = requires('events:read', 'param');
const tags = ['Org analytics'];
const DEFAULT_LIMIT = 50;
const MOST_EVENTS = 200;

/** Raw events of one org, to look at. */
export function registerStoredEventsRoutes(server: Server, options: FiguresOptions): void {
  server.get(PATH, listRoute, (request) => list(options, request));
  server.get(`${PATH}/:eventId`, lookUpRoute, (request) => lookUp(options, request));
}

const listRoute = {
  config,
  schema: {
    tags,
    summary: 'List raw events, the newest first',
    description:
      'Pages stay the same while events arrive. A search for something rare may end before its page is full: then `bounded` ' +
      'says why and how far it looked, and `next` goes on from there.',
    params: OrgParams,
    querystring: withEventLabels({
      ...listFilters,
      limit: limitParameter(MOST_EVENTS, DEFAULT_LIMIT, 'Events'),
      after: afterParameter,
    }),
    response: { 200: EventListSchema },
  },
};

async function list({ pool, clock }: FiguresOptions, request: RequestTo<typeof listRoute>) {
  const { start, end, limit = DEFAULT_LIMIT, after } = request.query;
  const { orgId } = request.params;
  const range = readEventRange({ start, end }, clock.now());
  const filter = {
    orgId,
    range,
    ...readEventFilters(request.query),
  };
  const page = await listEvents({ database: pool, clock }, filter, {
    limit,
    after: after === undefined ? undefined : readPlace(after),
    startIsNamed: start !== undefined,
  });
  return {
    orgId,
    events: page.rows.map(shownEvent),
    bounded: page.bound ?? null,
    asOf: page.asOf,
    next: page.next === undefined ? null : cursorOf({ place: page.next.occurredAt, id: page.next.eventId }),
  };
}

function readPlace(text: string): EventPlace {
  const { place, id } = readCursor(text, isMicroseconds);
  return { occurredAt: place, eventId: id };
}

const lookUpRoute = {
  config,
  schema: {
    tags,
    summary: 'Read one raw event by its id, and what happened to it',
    description:
      'Finds an event as soon as it is stored. A 404 says since when ids are known. A duplicate leaves no trace of its own: ' +
      'the counts of its batch have it.',
    params: Type.Object({
      ...OrgParams.properties,
      eventId: Type.String({ minLength: 1, maxLength: 200, description: 'As it was sent.' }),
    }),
    response: { 200: EventLookUpSchema },
  },
};

async function lookUp({ pool, clock }: FiguresOptions, request: RequestTo<typeof lookUpRoute>) {
  const { orgId, eventId } = request.params;
  const { event, lines, conflicts, ...found } = await lookUpEvent({ database: pool, clock }, orgId, eventId);
  return {
    orgId,
    eventId,
    ...found,
    event: event === undefined ? null : shownEvent(event),
    lines: lines.map(shownEvent),
    conflicts: conflicts.map(shownConflict),
  };
}
