import type { Pool, PoolClient } from 'pg';
import { withTransaction } from '../../database/pool.ts';
import { withSavepoint } from '../../database/savepoint.ts';
import { BY_PREFERENCE } from '../../reserved-names.ts';
import { DeliveryError } from '../channels/channel.ts';
import type { NoticeKind, OuterChannel, Severity } from '../notice/notice.ts';
import { preferencesFor } from '../routing/preferences.ts';
import {
  type DefaultRecipients,
  type Preference,
  type RecipientSources,
  type Route,
  routesOf,
} from '../routing/routing.ts';
import { enqueueCopies } from './enqueue.ts';
import { GIVE_UP_AFTER, retryDelay } from './retry-delay.ts';
import { mustReach, type UnreachedNotice } from './unreached.ts';

const AT_ONCE = 200;

/** A message whose recipients the preferences decide. */
interface UnexpandedRow {
  id: string;
  alertId: string | null;
  kind: NoticeKind;
  orgId: string | null;
  channel: OuterChannel;
  severity: Severity;
  createdAt: Date;
  /** The attempts that failed. */
  attempts: number;
  /** The channels on which the preferences decide about its notice, this one included. */
  channels: OuterChannel[];
  /** Whether its notice also has a named recipient, on any channel. */
  hasNamed: boolean;
  /** Whether it is the first message of its notice on these channels. */
  isFirst: boolean;
}

const UNEXPANDED = `
  select o.id::text, o.alert_id as "alertId", o.notice as kind, o.org_id as "orgId", o.channel, o.severity,
    o.created_at as "createdAt", o.attempts,
    coalesce(n.channels, array[o.channel]) as channels, coalesce(n.has_named, false) as "hasNamed",
    coalesce(n.first, o.id) = o.id as "isFirst"
  from analytics.notification_outbox o, lateral (
    select array_agg(s.channel) filter (where s.recipient = '${BY_PREFERENCE}') as channels,
      bool_or(s.recipient <> '${BY_PREFERENCE}') as has_named, min(s.id) filter (where s.recipient = '${BY_PREFERENCE}') as first
    from analytics.notification_outbox s where s.transition_id = o.transition_id
  ) as n
  where o.status = 'waiting' and o.recipient = '${BY_PREFERENCE}' and o.not_before <= $1
  order by (o.severity = 'critical') desc, o.created_at, o.org_id, o.channel, o.id limit $2 for update of o skip locked`;

/** A message whose recipients could not be found out. */
interface FailedExpansion {
  message: Pick<UnexpandedRow, 'id' | 'orgId' | 'channel'>;
  /** Whether it is tried again. */
  status: 'waiting' | 'dead';
  error: Error;
}

interface Expanded {
  /** How many messages there were, failed ones included. */
  seen: number;
  /** The critical notices that reach nobody outside the product. */
  unreached: UnreachedNotice[];
  failed: FailedExpansion[];
}

/**
 * Replaces each message for `BY_PREFERENCE` by one message for each recipient, in one transaction. The messages belong to
 * many orgs, so a message that fails is retried later and holds up no other.
 */
export function expandByPreference(pool: Pool, defaults: DefaultRecipients, now: Date): Promise<Expanded> {
  return withTransaction(pool, async (client) => {
    const { rows } = await client.query<UnexpandedRow>(UNEXPANDED, [now, AT_ONCE]);
    const unreached: UnreachedNotice[] = [];
    const failed: FailedExpansion[] = [];
    const preferences = new Map<string | null, readonly Preference[]>();
    for (const message of rows) {
      const error = await withSavepoint(client, async () => {
        const { orgId } = message;
        const known = preferences.get(orgId) ?? (await preferencesFor(client, orgId));
        preferences.set(orgId, known);
        const hasRecipient = await expandOne(client, message, { preferences: known, defaults }, now);
        if (!hasRecipient && message.isFirst && mustReach(message)) unreached.push(message);
      });
      if (error) failed.push({ message, error, status: await postpone(client, message, error, now) });
    }
    return { seen: rows.length, unreached, failed };
  });
}

/** @returns whether its notice has a recipient on any channel; reported once, even if another process expands the others */
async function expandOne(
  client: PoolClient,
  message: UnexpandedRow,
  sources: RecipientSources,
  now: Date,
): Promise<boolean> {
  const { channels, hasNamed } = message;
  const routesBy = (channel: OuterChannel) => routesOf(channel, message, sources, now.getTime());
  const routes = routesBy(message.channel);
  const told = message.kind === 'resolved' ? await toldOf(client, message) : [];
  const others = told.filter((name) => !routes.some(({ recipient }) => recipient === name));
  const toOthers = others.map((recipient) => ({ recipient, notBefore: now.getTime() }));
  await expand(client, message, [...routes, ...toOthers]);
  return hasNamed || channels.some((channel) => routesBy(channel).length > 0);
}

/** Makes a failed message due again later, or gives it up. @returns its status */
async function postpone(
  client: PoolClient,
  { id, attempts, createdAt }: UnexpandedRow,
  { message }: Error,
  now: Date,
): Promise<FailedExpansion['status']> {
  const isOver = now.getTime() - createdAt.getTime() > GIVE_UP_AFTER;
  const delay = retryDelay(attempts + 1, new DeliveryError(message, { retryable: true }), Math.random());
  const status = isOver ? 'dead' : 'waiting';
  await client.query(
    `update analytics.notification_outbox
     set status = $2, attempts = attempts + 1, failure = $3, not_before = $4, died_at = $5 where id = $1`,
    [id, status, message, new Date(now.getTime() + delay), isOver ? now : null],
  );
  return status;
}

/**
 * The recipients who got a message of the alert on the channel, or may be getting one now. They are told that it is
 * over.
 */
async function toldOf(client: PoolClient, { alertId, channel }: UnexpandedRow): Promise<string[]> {
  const { rows } = await client.query<{ recipient: string }>(
    `select distinct recipient from analytics.notification_outbox
     where alert_id = $1 and channel = $2 and recipient <> '${BY_PREFERENCE}' and (status in ('sent', 'leased') or ambiguous)`,
    [alertId, channel],
  );
  return rows.map(({ recipient }) => recipient);
}

/** Replaces a message by one for each recipient. */
async function expand(
  client: PoolClient,
  { id, channel }: UnexpandedRow,
  routes: readonly Route[],
): Promise<void> {
  const copies = routes.map(({ recipient, notBefore }) => ({
    channel,
    recipient,
    notBefore: new Date(notBefore),
  }));
  await enqueueCopies(client, id, copies, { standsIn: false });
  const [status, cancelledFor, failure] =
    routes.length > 0
      ? ['expanded']
      : ['cancelled', 'nobody', `no preference and no default recipient wants it on ${channel}`];
  await client.query(
    'update analytics.notification_outbox set status = $2, cancelled_for = $3, failure = $4 where id = $1',
    [id, status, cancelledFor, failure],
  );
}
