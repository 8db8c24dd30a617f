import type { Pool } from 'pg';
import { Type } from 'typebox';
import { listAudit } from '../../auth/list-audit.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { textOrNull } from '../fields/nullable.ts';
import { nextCursor } from '../fields/page-cursor.ts';
import { limitParameter, orgParameter, readMillis, refuseParameter } from '../fields/query-parameters.ts';
import { readPage } from '../fields/read-page.ts';
import { moment, shortText } from '../fields/texts.ts';
import { orgOf, requires } from '../shell/authenticate.ts';
import type { RequestTo, Server } from '../shell/typed-server.ts';

const DEFAULT_LIMIT = 50;

/** The audit log. */
export function registerAuditRoutes(server: Server, pool: Pool): void {
  server.get('/api/v1/analytics/audit', listRoute, (request) => list(pool, request));
}

const listRoute = {
  config: { ...requires('audit:read', 'query'), csv: { entries: { rows: 'entries' } } },
  schema: {
    tags: ['Access'],
    summary: 'List what was done, by whom and when, the newest first',
    description:
      'An admin sees every entry, also those of no org. An org_admin sees the entries of an own org.',
    querystring: Type.Object({
      orgId: orgParameter('Only this org. Default: everything for an admin, for others their only org.'),
      actorId: Type.Optional(shortText(200, 'Only what this actor did: the subject of a token, or a key.')),
      action: Type.Optional(shortText(100, 'Only this action, such as api_key.create.')),
      start: Type.Optional(moment('Only entries of this time or later.')),
      end: Type.Optional(moment('Only entries before this time.')),
      limit: limitParameter(200, DEFAULT_LIMIT),
      after: Type.Optional(
        Type.String({
          maxLength: 30,
          description: '`next` of the previous page. Without it: the first page.',
        }),
      ),
    }),
    response: {
      200: Type.Object({
        entries: Type.Array(
          Type.Object({
            id: Type.String(),
            at: moment('When it was done.'),
            actorId: Type.String({ description: 'Who did it.' }),
            actorVia: Type.String({ description: 'jwt, api_key, command_line or link.' }),
            action: Type.String(),
            orgId: textOrNull('The org that it affects; * means all orgs together.'),
            subject: textOrNull('What it was done to, such as the id of a key.'),
            route: Type.String({ description: 'The route or command.' }),
            requestId: Type.String(),
            before: Type.Unknown({ description: 'The object before; null if none is kept.' }),
            after: Type.Unknown({ description: 'The object after; null if none is kept.' }),
          }),
        ),
        next: nextCursor,
      }),
    },
  },
};

async function list(pool: Pool, request: RequestTo<typeof listRoute>) {
  const { actorId, action, start, end, limit = DEFAULT_LIMIT, after } = request.query;
  const orgId = orgOf(request);
  const wanted = {
    scope: orgId === ALL_ORGS ? ('all' as const) : [orgId],
    ...{ actorId, action },
    start: start === undefined ? undefined : readMillis('start', start),
    end: end === undefined ? undefined : readMillis('end', end),
    beforeId: after === undefined ? undefined : readId(after),
  };
  const { rows, next } = await readPage(
    limit,
    (most) => listAudit(pool, { ...wanted, limit: most }),
    ({ id }) => id,
  );
  return { entries: rows, next };
}

function readId(text: string): string {
  if (/^[1-9]\d{0,17}$/.test(text)) return text;
  throw refuseParameter('after', 'must be `next` of the previous page; leave it out for the first page');
}
