import type { Pool, PoolClient } from 'pg';
import { withTransaction } from '../../database/pool.ts';
import { BY_PREFERENCE } from '../../reserved-names.ts';
import type { NoticeKind, OuterChannel, Severity } from '../notice/notice.ts';
import { preferencesFor } from '../routing/preferences.ts';
import { type DefaultRecipients, type Route, routesOf } from '../routing/routing.ts';
import { enqueueCopies } from './enqueue.ts';
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
  /** The channels on which the preferences decide about its notice, this one included. */
  channels: OuterChannel[];
  /** Whether its notice also has a named recipient, on any channel. */
  hasNamed: boolean;
  /** Whether it is the first message of its notice on these channels. */
  isFirst: boolean;
}

const UNEXPANDED = `
  select o.id::text, o.alert_id as "alertId", o.notice as kind, o.org_id as "orgId", o.channel, o.severity,
    coalesce(n.channels, array[o.channel]) as channels, coalesce(n.has_named, false) as "hasNamed",
    coalesce(n.first, o.id) = o.id as "isFirst"
  from analytics.notification_outbox o, lateral (
    select array_agg(s.channel) filter (where s.recipient = '${BY_PREFERENCE}') as channels,
      bool_or(s.recipient <> '${BY_PREFERENCE}') as has_named, min(s.id) filter (where s.recipient = '${BY_PREFERENCE}') as first
    from analytics.notification_outbox s where s.transition_id = o.transition_id
  ) as n
  where o.status = 'waiting' and o.recipient = '${BY_PREFERENCE}' and o.not_before <= $1
  order by (o.severity = 'critical') desc, o.id limit $2 for update of o skip locked`;

/** How many messages were expanded, and the critical notices that reach nobody outside the product. */
interface Expanded {
  seen: number;
  unreached: UnreachedNotice[];
}

/** Replaces each message for `BY_PREFERENCE` by one message for each recipient, in one transaction. */
export function expandByPreference(pool: Pool, defaults: DefaultRecipients, now: Date): Promise<Expanded> {
  return withTransaction(pool, async (client) => {
    const { rows } = await client.query<UnexpandedRow>(UNEXPANDED, [now, AT_ONCE]);
    const unreached: UnreachedNotice[] = [];
    for (const [orgId, messages] of Map.groupBy(rows, (row) => row.orgId)) {
      const preferences = await preferencesFor(client, orgId);
      for (const message of messages) {
        const { channels, hasNamed, isFirst } = message;
        const routesBy = (channel: OuterChannel) =>
          routesOf(channel, message, { preferences, defaults }, now.getTime());
        const hasRecipient = hasNamed || channels.some((channel) => routesBy(channel).length > 0);
        // Reported once for all its channels, even if another process expands the others.
        if (!hasRecipient && isFirst && mustReach(message)) unreached.push(message);
        const routes = routesBy(message.channel);
        const told = message.kind === 'resolved' ? await toldOf(client, message) : [];
        const others = told.filter((name) => !routes.some(({ recipient }) => recipient === name));
        const toOthers = others.map((recipient) => ({ recipient, notBefore: now.getTime() }));
        await expand(client, message, [...routes, ...toOthers]);
      }
    }
    return { seen: rows.length, unreached };
  });
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
