import type { Database } from '../../database/pool.ts';
import { BY_PREFERENCE, EVERYBODY } from '../../reserved-names.ts';
import type { ChannelName, NoticeKind, Severity } from '../notice/notice.ts';
import { preferencesFor } from './preferences.ts';
import { defaultChannels, preferredChannels } from './routing.ts';

/** A recipient on one channel. */
export interface Recipient {
  channel: ChannelName;
  /** An email address, a phone number, a user's id, the name of a destination, `BY_PREFERENCE` or `EVERYBODY`. */
  recipient: string;
}

export interface NoticeToRoute {
  alertId: string;
  kind: NoticeKind;
  /** The org of the rule, whatever org the alert is about; `null`: a rule over all orgs. */
  orgId: string | null;
  severity: Severity;
  /** The channels that the rule names; empty: it names none. */
  channels: readonly { channel: ChannelName; to?: string }[];
}

/**
 * Finds the recipients of a notice. Called in the transaction that records the transition.
 * @returns each recipient once
 */
export type RouteNotice = (database: Database, notice: NoticeToRoute) => Promise<Recipient[]>;

/**
 * Inside the product, everybody who may read the alerts. Outside it, the channels of the rule. A rule that names none
 * uses the channels on which the preferences cover the severity, or the default channels if they cover none.
 *
 * `BY_PREFERENCE` is resolved when the message is sent. The notice that an alert is over also goes to everyone who got
 * an earlier notice of it, even if routing has changed.
 */
export const routeByPreference: RouteNotice = async (
  database,
  { kind, alertId, severity, orgId, channels },
) => {
  const wanted = channels.length > 0 ? channels : await wantedChannels(database, orgId, severity);
  const outside = wanted
    .filter(({ channel }) => channel !== 'in_app')
    .map(({ channel, to: recipient = BY_PREFERENCE }) => ({ channel, recipient }));
  const before = kind === 'resolved' ? await toldBefore(database, alertId) : [];
  const all: Recipient[] = [{ channel: 'in_app', recipient: EVERYBODY }, ...outside, ...before];
  return [...new Map(all.map((one) => [`${one.channel} ${one.recipient}`, one])).values()];
};

/**
 * The recipients of the earlier notices of an alert. A channel that went by preference is one recipient here: the
 * people whom it told are found again when that message is expanded.
 */
const TOLD_BEFORE = `
  select distinct o.channel, o.recipient from analytics.notification_outbox o
  where o.alert_id = $1 and (o.recipient = '${BY_PREFERENCE}' or not exists (
    select from analytics.notification_outbox d
    where d.alert_id = $1 and d.channel = o.channel and d.recipient = '${BY_PREFERENCE}'))`;

async function toldBefore(database: Database, alertId: string): Promise<Recipient[]> {
  const { rows } = await database.query<Recipient>(TOLD_BEFORE, [alertId]);
  return rows;
}

async function wantedChannels(
  database: Database,
  orgId: string | null,
  severity: Severity,
): Promise<NoticeToRoute['channels']> {
  const preferred = preferredChannels(severity, await preferencesFor(database, orgId));
  const wanted = preferred.length > 0 ? preferred : defaultChannels[severity];
  return wanted.map((channel) => ({ channel }));
}
