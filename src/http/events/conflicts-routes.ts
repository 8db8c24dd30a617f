import { Type } from 'typebox';
import {
  type ConflictPlace,
  type EventConflict,
  listConflicts,
} from '../../queries/events/event-conflicts.ts';
import { listedTypes } from '../../queries/events/event-filter.ts';
import { afterParameter, cursorOf, nextCursor, readCursor } from '../fields/page-cursor.ts';
import { limitParameter } from '../fields/query-parameters.ts';
import { readPage } from '../fields/read-page.ts';
import { moment } from '../fields/texts.ts';
import type { FiguresOptions } from '../figures/figures-options.ts';
import { OrgParams } from '../figures/query-schema.ts';
import { requires } from '../shell/authenticate.ts';
import type { RequestTo, Server } from '../shell/typed-server.ts';
import { ConflictSchema, shownConflict } from './conflict-schema.ts';
import { isMicroseconds, readEventRange } from './event-range.ts';

const DEFAULT_LIMIT = 50;

/**
 * Events that were refused because their id had been used for other content. The path is beside `/events/{eventId}` and not
 * below `/events`, since any text may be the id of an event.
 */
export function registerConflictsRoutes(server: Server, options: FiguresOptions): void {
  server.get('/analytics/v1/orgs/:orgId/event-conflicts', listRoute, (request) => list(options, request));
}

const listRoute = {
  config: { ...requires('events:read', 'param'), csv: { conflicts: { rows: 'conflicts' } } },
  schema: {
    tags: ['Org analytics'],
    summary: 'List events that were refused because their id had other content, the newest first',
    description: 'They are kept for 35 days.',
    params: OrgParams,
    querystring: Type.Object({
      start: Type.Optional(moment('Only conflicts that were received at this time or later.')),
      end: Type.Optional(moment('Only conflicts that were received before this time.')),
      type: Type.Optional(Type.Enum(listedTypes, { description: 'Only events of this type.' })),
      limit: limitParameter(200, DEFAULT_LIMIT, 'Conflicts'),
      after: afterParameter,
    }),
    response: {
      200: Type.Object({ orgId: Type.String(), conflicts: Type.Array(ConflictSchema), next: nextCursor }),
    },
  },
};

async function list({ pool, clock }: FiguresOptions, request: RequestTo<typeof listRoute>) {
  const { start, end, type, limit = DEFAULT_LIMIT, after } = request.query;
  const { orgId } = request.params;
  const wanted = {
    ...{ orgId, type, range: readEventRange({ start, end }, clock.now()) },
    after: after === undefined ? undefined : readPlace(after),
  };
  const { rows, next } = await readPage(
    limit,
    (most) => listConflicts(pool, { ...wanted, limit: most }),
    cursorOfConflict,
  );
  return { orgId, conflicts: rows.map(shownConflict), next };
}

function cursorOfConflict({ receivedAt, storedId, contentHash }: EventConflict): string {
  return cursorOf({ place: `${receivedAt}/${contentHash}`, id: storedId });
}

function readPlace(text: string): ConflictPlace {
  const { place, id } = readCursor(text, (read) => {
    const [receivedAt = '', contentHash = ''] = read.split('/');
    return isMicroseconds(receivedAt) && /^[0-9a-f]{16}$/.test(contentHash);
  });
  const [receivedAt = '', contentHash = ''] = place.split('/');
  return { receivedAt, contentHash, storedId: id };
}
