import type { Database } from '../../database/pool.ts';
import { BY_PREFERENCE, EVERYBODY } from '../../reserved-names.ts';
import type { ChannelName, NoticeKind, Severity } from '../notice/notice.ts';
import { preferencesFor } from './preferences.ts';
import { defaultChannels, preferredChannels } from './routing.ts';

/** Somebody to be told, over one channel. */
export interface Recipient {
  channel: ChannelName;
  /** An address, a number, a user's id, the name of a destination, or `default`: whoever the preferences name. */
  recipient: string;
}

export interface NoticeToRoute {
  alertId: string;
  kind: NoticeKind;
  /** Of the rule, whatever org its alert is about; `null`: a rule over all orgs. */
  orgId: string | null;
  severity: Severity;
  /** Where the rule says that its notices go; nowhere in particular when empty. */
  channels: readonly { channel: ChannelName; to?: string }[];
}

/**
 * Who is to be told of a notice. Called in the transaction that makes the transition.
 * @returns each recipient once
 */
export type RouteNotice = (database: Database, notice: NoticeToRoute) => Promise<Recipient[]>;

/**
 * Inside the product everybody; beyond it, by the channels of the rule. Where it names none: by those that reach people
 * of the org who want to hear of so bad a notice, or by the usual ones if there is nobody. Whoever is behind `default` is found when
 * it is sent. That an alert is over is for those of its earlier notices too, wherever the rule sends them by now.
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

/** By name, unless the channel was for whoever is meant: that they were told is seen to when they are found again. */
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
