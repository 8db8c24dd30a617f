import type { FastifyRequest } from 'fastify';
import type { Pool } from 'pg';
import { Type } from 'typebox';
import { statementOf } from '../../notifications/notice/statement.ts';
import { countUnread, type InAppReader, listInApp, markRead } from '../../notifications/outbox/in-app.ts';
import type { Clock } from '../../time.ts';
import { orNull, textOrNull } from '../fields/nullable.ts';
import { limitParameter } from '../fields/query-parameters.ts';
import { readPage } from '../fields/read-page.ts';
import { moment } from '../fields/texts.ts';
import { actorOf, orgsOf, requires } from '../shell/authenticate.ts';
import type { RequestTo, Server } from '../shell/typed-server.ts';
import { NoticeSchema, noticeId, orgWanted } from './notice-schema.ts';

const PATH = '/api/v1/analytics/notifications';
const MAX_LIMIT = 200;
const DEFAULT_LIMIT = 50;
const tags = ['Notifications'];

interface InAppOptions {
  pool: Pool;
  clock: Clock;
}

/** The notices that a user sees inside the product. */
export function registerInAppRoutes(server: Server, options: InAppOptions): void {
  server.get(PATH, listRoute, (request) => list(options, request));
  server.post(`${PATH}/read`, markReadRoute, (request) => markAsRead(options, request));
}

/** The caller, with the orgs whose notices the request is about. */
function readerOf(request: FastifyRequest): InAppReader {
  return { userId: actorOf(request).id, orgs: orgsOf(request, 'alerts:read') };
}

const listRoute = {
  config: requires('alerts:read', 'optional'),
  schema: {
    tags,
    summary: 'List the in-app notices of your alerts',
    description: 'The newest first. Follow `next` for older ones.',
    querystring: Type.Object({
      orgId: orgWanted,
      unread: Type.Optional(Type.Boolean({ description: 'true: only notices that you have not read.' })),
      before: Type.Optional(
        Type.String({
          pattern: '^[0-9]{1,18}$',
          'x-expected': '`next` of a page',
          description: '`next` of the previous page.',
        }),
      ),
      limit: limitParameter(MAX_LIMIT, DEFAULT_LIMIT),
    }),
    response: {
      200: Type.Object({
        unread: Type.Integer({
          description: 'Notices that you have not read, on all pages, of the org if the query names one.',
        }),
        notifications: Type.Array(
          Type.Object({
            id: noticeId,
            notice: NoticeSchema,
            statement: Type.String({
              description: 'What the notice says, as every channel says it. For rule_failing with the error.',
            }),
            createdAt: moment('When the notice was made.'),
            readAt: orNull(moment('When you read it.')),
          }),
        ),
        next: textOrNull(),
      }),
    },
  },
};

async function list({ pool }: InAppOptions, request: RequestTo<typeof listRoute>) {
  const { unread = false, before, limit = DEFAULT_LIMIT } = request.query;
  const reader = readerOf(request);
  const wanted = { unread, ...(before !== undefined && { before }) };
  const [{ rows, next }, unreadCount] = await Promise.all([
    readPage(
      limit,
      (most) => listInApp(pool, reader, { ...wanted, limit: most }),
      (last) => last.id,
    ),
    countUnread(pool, reader),
  ]);
  return {
    unread: unreadCount,
    notifications: rows.map((row) => ({ ...row, statement: statementOf(row.notice) })),
    next,
  };
}

const markReadRoute = {
  config: requires('alerts:read', 'optional'),
  schema: {
    tags,
    summary: 'Mark in-app notices as read',
    querystring: Type.Object({ orgId: orgWanted }),
    body: Type.Union([
      Type.Object(
        { ids: Type.Array(noticeId, { minItems: 1, maxItems: 1_000 }) },
        { additionalProperties: false },
      ),
      Type.Object({ all: Type.Literal(true) }, { additionalProperties: false }),
    ]),
    response: {
      200: Type.Object({ read: Type.Integer({ description: 'Notices that were unread before.' }) }),
    },
  },
};

async function markAsRead({ pool, clock }: InAppOptions, request: RequestTo<typeof markReadRoute>) {
  const { body } = request;
  const ids = 'ids' in body ? body.ids : ('all' as const);
  return { read: await markRead(pool, readerOf(request), ids, new Date(clock.now())) };
}
