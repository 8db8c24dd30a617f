import type { Database } from '../../database/pool.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import type { ChannelName } from '../notice/notice.ts';

const columns: Readonly<Record<Exclude<ChannelName, 'in_app'>, string>> = {
  email: 'email',
  sms: 'phone',
  slack: 'slack',
  webhook: 'webhook',
  pagerduty: 'pagerduty',
  teams: 'teams',
  discord: 'discord',
};

/**
 * The zone of the clock of a recipient: that of the preferences which have the address. People with different zones who
 * share an address get UTC, and so does an address that is in no preference.
 */
export async function zoneOfRecipient(
  database: Database,
  { orgId, channel, recipient }: { orgId: string | null; channel: ChannelName; recipient: string },
): Promise<string> {
  if (channel === 'in_app') return 'UTC';
  const { rows } = await database.query<{ zone: string }>(
    `select distinct coalesce(timezone, quiet_hours ->> 'timezone', 'UTC') as zone
     from analytics.notification_preferences where org_id = $1 and ${columns[channel]} = $2 limit 2`,
    [orgId ?? ALL_ORGS, recipient],
  );
  return rows.length === 1 ? (rows[0]?.zone ?? 'UTC') : 'UTC';
}
