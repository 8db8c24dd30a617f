import type { Pool } from 'pg';
import { Type } from 'typebox';
import { type Actor, orgsIn } from '../../auth/actor.ts';
import { countUnread, type InAppReader, listInApp, markRead } from '../../notifications/outbox/in-app.ts';
import type { Clock } from '../../time.ts';
import { orNull, textOrNull } from '../fields/nullable.ts';
import { moment } from '../fields/query-parameters.ts';
import { readPage } from '../fields/read-page.ts';
import { actorOf } from '../shell/authenticate.ts';
import type { Server } from '../shell/typed-server.ts';
import { NoticeSchema, noticeId } from './notice-schema.ts';

const PATH = '/api/v1/analytics/notifications';
const MOST_AT_ONCE = 200;

function readerOf(actor: Actor): InAppReader {
  return { userId: actor.id, orgs: orgsIn(actor, 'alerts:read') };
}

/** Notices inside the product. */
export function registerNotificationsRoutes(
  server: Server,
  { pool, clock }: { pool: Pool; clock: Clock },
): void {
  const config = { access: { capability: 'alerts:read', org: 'none' } } as const;
  const tags = ['Notifications'];

  server.get(
    PATH,
    {
      config,
      schema: {
        tags,
        summary: 'List the notices of your alerts',
        description: 'The newest first. Follow `next` for older ones.',
        querystring: Type.Object({
          unread: Type.Optional(Type.Boolean({ description: 'Only those that you have not read.' })),
          before: Type.Optional(
            Type.String({
              pattern: '^[0-9]{1,18}$',
              'x-expected': '`next` of a page',
              description: '`next` of a page.',
            }),
          ),
          limit: Type.Optional(
            Type.Integer({ minimum: 1, maximum: MOST_AT_ONCE, description: 'Default 50.' }),
          ),
        }),
        response: {
          200: Type.Object({
            unread: Type.Integer({ description: 'How many you have not read, on all pages.' }),
            notifications: Type.Array(
              Type.Object({
                id: noticeId,
                notice: NoticeSchema,
                createdAt: moment('When it was decided.'),
                readAt: orNull(moment('When you read it.')),
              }),
            ),
            next: textOrNull(),
          }),
        },
      },
    },
    async (request) => {
      const { unread = false, before, limit = 50 } = request.query;
      const reader = readerOf(actorOf(request));
      const wanted = { unread, ...(before !== undefined && { before }) };
      const [{ rows, next }, unreadCount] = await Promise.all([
        readPage(
          limit,
          (most) => listInApp(pool, reader, { ...wanted, limit: most }),
          (last) => last.id,
        ),
        countUnread(pool, reader),
      ]);
      return { unread: unreadCount, notifications: rows, next };
    },
  );

  server.post(
    `${PATH}/read`,
    {
      config,
      schema: {
        tags,
        summary: 'Mark notices as read',
        body: Type.Union([
          Type.Object(
            { ids: Type.Array(noticeId, { minItems: 1, maxItems: 1_000 }) },
            { additionalProperties: false },
          ),
          Type.Object({ all: Type.Literal(true) }, { additionalProperties: false }),
        ]),
        response: { 200: Type.Object({ read: Type.Integer({ description: 'How many were not before.' }) }) },
      },
    },
    async (request) => {
      const { body } = request;
      const ids = 'ids' in body ? body.ids : ('all' as const);
      return { read: await markRead(pool, readerOf(actorOf(request)), ids, new Date(clock.now())) };
    },
  );
}
