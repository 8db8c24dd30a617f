import type { Pool, PoolClient } from 'pg';
import { withTransaction } from '../../database/pool.ts';
import type { NoticeKind, OuterChannel, Severity } from '../notice/notice.ts';
import { preferencesFor } from '../routing/preferences.ts';
import { type DefaultRecipients, routesOf } from '../routing/routing.ts';
import { mustReach, type Unreached } from './unreached.ts';

const AT_ONCE = 200;

interface Unrouted {
  id: string;
  alertId: string | null;
  kind: NoticeKind;
  orgId: string | null;
  channel: OuterChannel;
  severity: Severity;
  /** The channels by which its notice is for whoever is meant, this one included. */
  channels: OuterChannel[];
  /** Whether its notice names somebody as well, by any channel. */
  names: boolean;
  /** Whether it is the first of these channels. */
  isFirst: boolean;
}

const UNROUTED = `
  select o.id::text, o.alert_id as "alertId", o.notice as kind, o.org_id as "orgId", o.channel, o.severity,
    coalesce(n.channels, array[o.channel]) as channels, coalesce(n.names, false) as names,
    coalesce(n.first, o.id) = o.id as "isFirst"
  from analytics.notification_outbox o, lateral (
    select array_agg(s.channel) filter (where s.recipient = 'default') as channels,
      bool_or(s.recipient <> 'default') as names, min(s.id) filter (where s.recipient = 'default') as first
    from analytics.notification_outbox s where s.transition_id = o.transition_id
  ) as n
  where o.status = 'waiting' and o.recipient = 'default' and o.not_before <= $1
  order by (o.severity = 'critical') desc, o.id limit $2 for update of o skip locked`;

/** What messages that come of another have of it. */
export const COPIED = 'alert_id, transition_id, notice, org_id, severity, payload, detected_at, created_at';

/** How many messages were looked at, and of which critical notices nobody outside the product is told. */
interface Expanded {
  seen: number;
  unreached: Unreached[];
}

/**
 * Puts messages for whoever is meant into the outbox in the place of those that name nobody (`default`), in one
 * transaction.
 */
export function expandDefaults(pool: Pool, defaults: DefaultRecipients, now: Date): Promise<Expanded> {
  return withTransaction(pool, async (client) => {
    const { rows } = await client.query<Unrouted>(UNROUTED, [now, AT_ONCE]);
    const unreached: Unreached[] = [];
    for (const [orgId, messages] of Map.groupBy(rows, (row) => row.orgId)) {
      const preferences = await preferencesFor(client, orgId);
      for (const message of messages) {
        const { channels, names, isFirst } = message;
        const routesBy = (channel: OuterChannel) =>
          routesOf(channel, message, preferences, defaults, now.getTime());
        const isFor = names || channels.some((channel) => routesBy(channel).length > 0);
        // Once for all its channels, whoever expands the others.
        if (!isFor && isFirst && mustReach(message)) unreached.push(message);
        const routes = routesBy(message.channel);
        const told = message.kind === 'resolved' ? await toldOf(client, message) : [];
        const others = told.filter((name) => !routes.some(({ recipient }) => recipient === name));
        await expand(client, message, [
          ...routes.map(({ recipient, notBefore }) => ({ recipient, notBefore: new Date(notBefore) })),
          ...others.map((recipient) => ({ recipient, notBefore: now })),
        ]);
      }
    }
    return { seen: rows.length, unreached };
  });
}

/** Who was told of the alert by the channel, or may be at this moment: that it is over is for them, whoever is meant by now. */
async function toldOf(client: PoolClient, { alertId, channel }: Unrouted): Promise<string[]> {
  const { rows } = await client.query<{ recipient: string }>(
    `select distinct recipient from analytics.notification_outbox
     where alert_id = $1 and channel = $2 and recipient <> 'default' and (status in ('sent', 'leased') or ambiguous)`,
    [alertId, channel],
  );
  return rows.map(({ recipient }) => recipient);
}

async function expand(
  client: PoolClient,
  { id, channel }: Unrouted,
  routes: readonly { recipient: string; notBefore: Date }[],
): Promise<void> {
  await client.query(
    `insert into analytics.notification_outbox (${COPIED}, channel, recipient, not_before)
     select ${COPIED}, channel, r.recipient, r.not_before
     from analytics.notification_outbox, unnest($2::text[], $3::timestamptz[]) as r (recipient, not_before)
     where id = $1
     on conflict (transition_id, channel, recipient) where transition_id is not null do nothing`,
    [id, routes.map(({ recipient }) => recipient), routes.map(({ notBefore }) => notBefore)],
  );
  const [status, cancelledFor, failure] =
    routes.length > 0 ? ['expanded'] : ['cancelled', 'nobody', `nobody is to be told by ${channel}`];
  await client.query(
    'update analytics.notification_outbox set status = $2, cancelled_for = $3, failure = $4 where id = $1',
    [id, status, cancelledFor, failure],
  );
}
