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
 * The zone of the clock of a recipient: that of the preferences which have the address, or that of the org. People with
 * different zones who share an address get UTC.
 */
export async function zoneOfRecipient(
  database: Database,
  { orgId, channel, recipient }: { orgId: string | null; channel: ChannelName; recipient: string },
): Promise<string> {
  if (channel === 'in_app') return 'UTC';
  const { rows } = await database.query<{ zone: string }>(
    `with ofOrg as (select coalesce((select timezone from analytics.org_settings where org_id = $1), 'UTC') as zone)
     select distinct coalesce(p.timezone, p.quiet_hours ->> 'timezone', o.zone) as zone
     from ofOrg o left join analytics.notification_preferences p on p.org_id = $1 and p.${columns[channel]} = $2
     limit 2`,
    [orgId ?? ALL_ORGS, recipient],
  );
  return rows.length === 1 ? (rows[0]?.zone ?? 'UTC') : 'UTC';
}
