import type { PoolClient } from 'pg';
import { BY_PREFERENCE } from '../../reserved-names.ts';
import type { OuterChannel, Severity } from '../notice/notice.ts';
import { preferencesFor } from '../routing/preferences.ts';
import { preferredRoutes } from '../routing/routing.ts';

/** A message that was cancelled because of an acknowledgement. */
interface Unsent {
  id: string;
  channel: OuterChannel;
  recipient: string;
  severity: Severity;
  orgId: string | null;
  /** Whether the preferences chose the recipient. */
  byPreference: boolean;
}

const UNSENT = `
  select id::text, channel, recipient, severity, org_id as "orgId", exists (
      select from analytics.notification_outbox d
      where d.transition_id = latest.transition_id and d.channel = latest.channel and d.recipient = '${BY_PREFERENCE}'
    ) as "byPreference"
  from (
    select distinct on (channel, recipient) * from analytics.notification_outbox
    where alert_id = $1 and notice not in ('acknowledged', 'unacknowledged') order by channel, recipient, transition_id desc
  ) as latest
  where cancelled_for = 'acknowledged'`;

/**
 * Makes the messages due again that an acknowledgement had cancelled: for each channel and recipient only the latest
 * message. Called in the transaction that takes the acknowledgement back, once it has locked the row of the alert.
 */
export async function putBack(client: PoolClient, alertId: string, now: Date): Promise<void> {
  const { rows } = await client.query<Unsent>(UNSENT, [alertId]);
  const [first] = rows;
  if (!first) return;
  const preferences = await preferencesFor(client, first.orgId);
  const notBefore = rows.map(({ channel, recipient, severity, byPreference }) => {
    const preferred = byPreference ? preferredRoutes(channel, severity, preferences, now.getTime()) : [];
    return new Date(preferred.find((route) => route.recipient === recipient)?.notBefore ?? now);
  });
  // Their time starts anew: counted from the detection they would be late, or given up at once.
  await client.query(
    `update analytics.notification_outbox o
     set status = 'waiting', cancelled_for = null, failure = null, not_before = b.not_before, detected_at = $3,
       created_at = $3
     from unnest($1::bigint[], $2::timestamptz[]) as b (id, not_before) where o.id = b.id`,
    [rows.map(({ id }) => id), notBefore, now],
  );
}
