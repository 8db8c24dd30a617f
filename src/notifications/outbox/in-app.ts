import type { Database } from '../../database/pool.ts';
import { EVERYBODY } from '../../reserved-names.ts';
import type { Clock } from '../../time.ts';
import type { Channel } from '../channels/channel.ts';
import type { Notice, NoticeKind } from '../notice/notice.ts';
import { enqueueInApp } from './enqueue.ts';

/** A reader sees their own notifications, and those for everybody in the orgs that they may read. */
export interface InAppReader {
  userId: string;
  orgs: readonly string[] | 'all';
}

export interface InAppNotification {
  id: string;
  notice: Notice;
  createdAt: string;
  readAt: string | null;
}

/** The in-app channel, which only a test notice uses: `enqueue` adds the notices of alerts with their transition. */
export function createInApp(database: Database, clock: Clock): Channel {
  return {
    name: 'in_app',
    async send({ notice, recipient, orgId }) {
      const [id] = await enqueueInApp(database, {
        notice,
        alertId: null,
        transitionId: null,
        orgId,
        recipients: [recipient],
        at: new Date(clock.now()),
      });
      return id === undefined ? {} : { providerId: id };
    },
  };
}

// A notification of a rule over all orgs has no org. Only readers who see all orgs may see it.
const VISIBLE = `n.recipient in ($1, '${EVERYBODY}') and ($2::text[] is null or n.org_id = any($2))`;

/** A reader of many orgs is asked about at most so many notices. The bounds of `IN_APP_KEPT` keep others far below. */
const LOOKED_AT = 10_000;
const NEWEST = `(
  select n.id from analytics.in_app_notifications n where ${VISIBLE} order by n.id desc limit ${LOOKED_AT}) as n`;

function parametersOf({ userId, orgs }: InAppReader): unknown[] {
  return [userId, orgs === 'all' ? null : orgs];
}

interface Page {
  limit: number;
  /** Only notifications before this id. */
  before?: string;
  unread: boolean;
}

/** Lists notifications, the newest first. */
export async function listInApp(
  database: Database,
  reader: InAppReader,
  { limit, before, unread }: Page,
): Promise<InAppNotification[]> {
  const { rows } = await database.query<{
    id: string;
    payload: Notice;
    created_at: Date;
    read_at: Date | null;
  }>(
    `select n.id::text, n.payload, n.created_at, r.read_at
     from analytics.in_app_notifications n
     left join analytics.in_app_reads r on r.notification_id = n.id and r.user_id = $1
     where ${VISIBLE} and ($3::bigint is null or n.id < $3) and (not $4 or r.read_at is null)
     order by n.id desc limit $5`,
    [...parametersOf(reader), before ?? null, unread, limit],
  );
  return rows.map(({ id, payload, created_at, read_at }) => ({
    id,
    notice: payload,
    createdAt: created_at.toISOString(),
    readAt: read_at?.toISOString() ?? null,
  }));
}

/** How many of the newest notifications the reader has not read. */
export async function countUnread(database: Database, reader: InAppReader): Promise<number> {
  const { rows } = await database.query<{ unread: number }>(
    `select count(*) as unread from ${NEWEST}
     where not exists (
       select from analytics.in_app_reads r where r.notification_id = n.id and r.user_id = $1)`,
    parametersOf(reader),
  );
  return rows[0]?.unread ?? 0;
}

/** Marks some or all of the newest notifications as read by the reader. @returns how many were unread before */
export async function markRead(
  database: Database,
  reader: InAppReader,
  ids: readonly string[] | 'all',
  now: Date,
): Promise<number> {
  const { rowCount } = await database.query(
    `insert into analytics.in_app_reads (user_id, notification_id, read_at)
     select $1, n.id, $4 from ${ids === 'all' ? NEWEST : 'analytics.in_app_notifications n'}
     where ${ids === 'all' ? '$3::bigint[] is null' : `${VISIBLE} and n.id = any($3)`}
     on conflict do nothing`,
    [...parametersOf(reader), ids === 'all' ? null : ids, now],
  );
  return rowCount ?? 0;
}

/** A notification about an alert, as the history of the alert shows it. */
export interface AlertNotification {
  transitionId: string;
  /** A user's id, or `EVERYBODY`. */
  recipient: string;
  kind: NoticeKind;
  at: string;
}

/** The notifications about an alert, the oldest first. */
export async function listInAppOfAlert(database: Database, alertId: string): Promise<AlertNotification[]> {
  const { rows } = await database.query<{
    transition_id: string;
    recipient: string;
    notice: NoticeKind;
    created_at: Date;
  }>(
    `select n.transition_id::text, n.recipient, n.notice, n.created_at
     from analytics.in_app_notifications n where n.alert_id = $1 order by n.id`,
    [alertId],
  );
  return rows.map(({ transition_id, recipient, notice, created_at }) => ({
    transitionId: transition_id,
    recipient,
    kind: notice,
    at: created_at.toISOString(),
  }));
}
