import type { Database } from '../../database/pool.ts';
import { BY_PREFERENCE, EVERYBODY } from '../../reserved-names.ts';
import { type ChannelName, isForThoseTold, type NoticeKind, type Severity } from '../notice/notice.ts';
import { preferencesFor } from './preferences.ts';
import { addressOf, defaultChannels, preferredChannels } from './routing.ts';

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
  channels: readonly { channel: ChannelName; to?: string; team?: string }[];
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
 * What a person did is told to those who were told of the alert, and to nobody else.
 *
 * `BY_PREFERENCE` is resolved when the message is sent. The notice that an alert is over also goes to everyone who got
 * an earlier notice of it, even if routing has changed.
 */
export const routeByPreference: RouteNotice = async (
  database,
  { kind, alertId, severity, orgId, channels },
) => {
  if (isForThoseTold(kind)) return [inApp, ...(await peopleTold(database, alertId))];
  const wanted =
    channels.length > 0
      ? await withTeams(database, orgId, channels)
      : await wantedChannels(database, orgId, severity);
  const outside = wanted
    .filter(({ channel }) => channel !== 'in_app')
    .map(({ channel, to: recipient = BY_PREFERENCE }) => ({ channel, recipient }));
  const before = kind === 'resolved' ? await toldBefore(database, alertId) : [];
  const all: Recipient[] = [inApp, ...outside, ...before];
  return [...new Map(all.map((one) => [`${one.channel} ${one.recipient}`, one])).values()];
};

const inApp: Recipient = { channel: 'in_app', recipient: EVERYBODY };

/** Finds the addresses of teams. A team that has none any more leaves its channel to the preferences. */
async function withTeams(
  database: Database,
  orgId: string | null,
  channels: NoticeToRoute['channels'],
): Promise<NoticeToRoute['channels']> {
  if (channels.every(({ team }) => team === undefined)) return channels;
  const preferences = await preferencesFor(database, orgId);
  return channels.map(({ channel, to, team }) => {
    const owner = preferences.find(({ kind, id }) => kind === 'team' && id === team);
    const address = owner && channel !== 'in_app' ? addressOf(channel, owner) : null;
    const named = team === undefined ? to : (address ?? undefined);
    return { channel, ...(named !== undefined && { to: named }) };
  });
}

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

/** The recipients who got a message of an alert, or may be getting one now. */
const PEOPLE_TOLD = `
  select distinct o.channel, o.recipient from analytics.notification_outbox o
  where o.alert_id = $1 and o.recipient <> '${BY_PREFERENCE}' and (o.status in ('sent', 'leased') or o.ambiguous)`;

async function peopleTold(database: Database, alertId: string): Promise<Recipient[]> {
  const { rows } = await database.query<Recipient>(PEOPLE_TOLD, [alertId]);
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
