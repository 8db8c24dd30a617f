import { Type } from 'typebox';
import type { EventFilter } from '../../queries/events/event-filter.ts';
import { type EventPlace, readEvents } from '../../queries/events/read-events.ts';
import { shownEvent } from '../../queries/events/shown-event.ts';
import { afterParameter, cursorOf, readCursor } from '../fields/page-cursor.ts';
import { limitParameter } from '../fields/query-parameters.ts';
import { readPage } from '../fields/read-page.ts';
import type { FiguresOptions } from '../figures/figures-options.ts';
import { OrgParams } from '../figures/query-schema.ts';
import { requires } from '../shell/authenticate.ts';
import type { RequestTo, Server } from '../shell/typed-server.ts';
import { readEventRange } from './event-range.ts';
import { EventListSchema, listFilters } from './stored-schema.ts';

const DEFAULT_LIMIT = 50;

/** Raw events of one org, to look at. */
export function registerStoredEventsRoutes(server: Server, options: FiguresOptions): void {
  server.get('/analytics/v1/orgs/:orgId/events', listRoute, (request) => list(options, request));
}

const listRoute = {
  config: requires('events:read', 'param'),
  schema: {
    tags: ['Org analytics'],
    summary: 'List raw events, the newest first',
    params: OrgParams,
    querystring: Type.Object({
      ...listFilters,
      limit: limitParameter(200, DEFAULT_LIMIT, 'Events'),
      after: afterParameter,
    }),
    response: { 200: EventListSchema },
  },
};

async function list({ pool, clock }: FiguresOptions, request: RequestTo<typeof listRoute>) {
  const { start, end, limit = DEFAULT_LIMIT, after, ...others } = request.query;
  const { orgId } = request.params;
  const filter: EventFilter = { orgId, range: readEventRange({ start, end }, clock.now()), ...others };
  const place = after === undefined ? undefined : readPlace(after);
  const { rows, next } = await readPage(
    limit,
    (most) => readEvents(pool, filter, { limit: most, after: place }),
    ({ occurred_at, event_id }) => cursorOf({ place: occurred_at, id: event_id }),
  );
  return { orgId, events: rows.map(shownEvent), next };
}

const MICROSECONDS = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/;

function readPlace(text: string): EventPlace {
  const { place, id } = readCursor(
    text,
    (read) => MICROSECONDS.test(read) && !Number.isNaN(Date.parse(read)),
  );
  return { occurredAt: place, eventId: id };
}
