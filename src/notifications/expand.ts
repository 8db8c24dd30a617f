import type { Pool, PoolClient } from 'pg';
import { withTransaction } from '../database/pool.ts';
import type { NoticeKind, OuterChannel, Severity } from './notice.ts';
import { preferencesFor } from './preferences.ts';
import { type DefaultRecipients, routesOf } from './routing.ts';

const AT_ONCE = 200;

interface Unrouted {
  id: string;
  alert_id: string | null;
  notice: NoticeKind;
  org_id: string | null;
  channel: OuterChannel;
  severity: Severity;
}

/** What messages that come of another have of it. */
export const COPIED = 'alert_id, transition_id, notice, org_id, severity, payload, detected_at, created_at';

/**
 * Puts messages for whoever is meant into the outbox in the place of those that name nobody (`default`), in one
 * transaction; how many it looked at.
 */
export const expandDefaults = (pool: Pool, defaults: DefaultRecipients, now: Date): Promise<number> =>
  withTransaction(pool, async (client) => {
    const { rows } = await client.query<Unrouted>(
      `select id::text, alert_id, notice, org_id, channel, severity from analytics.notification_outbox
       where status = 'waiting' and recipient = 'default' and not_before <= $1
       order by (severity = 'critical') desc, id limit $2 for update skip locked`,
      [now, AT_ONCE],
    );
    const byOrg = Map.groupBy(rows, ({ org_id }) => org_id);
    for (const [orgId, messages] of byOrg) {
      const preferences = await preferencesFor(client, orgId);
      for (const message of messages) {
        const { channel, severity } = message;
        const routes = routesOf(channel, severity, preferences, defaults, now.getTime());
        const told = message.notice === 'resolved' ? await toldOf(client, message) : [];
        const others = told.filter((name) => !routes.some(({ recipient }) => recipient === name));
        await expand(client, message, [
          ...routes.map(({ recipient, notBefore }) => ({ recipient, notBefore: new Date(notBefore) })),
          ...others.map((recipient) => ({ recipient, notBefore: now })),
        ]);
      }
    }
    return rows.length;
  });

/** Who was told of the alert by the channel, or may be at this moment: that it is over is for them, whoever is meant by now. */
const toldOf = async (client: PoolClient, { alert_id, channel }: Unrouted): Promise<string[]> => {
  const { rows } = await client.query<{ recipient: string }>(
    `select distinct recipient from analytics.notification_outbox
     where alert_id = $1 and channel = $2 and recipient <> 'default' and (status in ('sent', 'leased') or ambiguous)`,
    [alert_id, channel],
  );
  return rows.map(({ recipient }) => recipient);
};

const expand = async (
  client: PoolClient,
  { id, channel }: Unrouted,
  routes: readonly { recipient: string; notBefore: Date }[],
): Promise<void> => {
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
};
