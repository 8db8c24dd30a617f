import {
  type DestinationKind,
  type OuterChannel,
  outerChannels,
  type Severity,
  severities,
} from '../notice/notice.ts';
import { afterQuietHours, type QuietHours } from './quiet-hours.ts';

/** The addresses of a person or a team, and the channels that they want for each severity. */
export interface Preference {
  kind: 'user' | 'team';
  id: string;
  email: string | null;
  phone: string | null;
  /** Names of destinations, as the following ones. */
  slack: string | null;
  webhook: string | null;
  pagerduty: string | null;
  teams: string | null;
  discord: string | null;
  /** The zone of the times in messages; null: that of the quiet hours, or UTC. */
  timezone: string | null;
  channels: Record<Severity, OuterChannel[]>;
  quietHours: QuietHours | null;
}

/** Fallback recipients, used when no preference of the org covers the severity. */
export interface DefaultRecipients {
  email: readonly string[];
  sms: readonly string[];
  slack: readonly string[];
}

/** The channels of people who have not chosen any, by severity. */
export const defaultChannels: Record<Severity, OuterChannel[]> = {
  info: [],
  warning: ['slack', 'email'],
  critical: ['slack', 'email', 'sms'],
};

/** One recipient of a message. */
export interface Route {
  recipient: string;
  /** Milliseconds. */
  notBefore: number;
}

export type Addresses = Pick<Preference, 'email' | 'phone' | 'slack' | DestinationKind>;

const addressFor = {
  email: 'email',
  sms: 'phone',
  slack: 'slack',
  webhook: 'webhook',
  pagerduty: 'pagerduty',
  teams: 'teams',
  discord: 'discord',
} as const satisfies Record<OuterChannel, keyof Addresses>;

/** The address of a person or a team on a channel. */
export function addressOf(channel: OuterChannel, addresses: Addresses): string | null {
  return addresses[addressFor[channel]];
}

/** The default channels of somebody with these addresses: a channel without its address is left out. */
export function channelsWith(addresses: Addresses): Preference['channels'] {
  const reachable = (channels: OuterChannel[]) =>
    channels.filter((channel) => addresses[addressFor[channel]] !== null);
  const { info, warning, critical } = defaultChannels;
  return { info: reachable(info), warning: reachable(warning), critical: reachable(critical) };
}

/** A channel that a preference chooses without giving its address. */
export interface MissingAddress {
  address: keyof Addresses;
  channel: OuterChannel;
  severities: Severity[];
}

export function missingAddresses(preference: Addresses & Pick<Preference, 'channels'>): MissingAddress[] {
  return outerChannels.flatMap((channel) => {
    const address = addressFor[channel];
    const chosen = severities.filter((severity) => preference.channels[severity].includes(channel));
    return preference[address] === null && chosen.length > 0
      ? [{ address, channel, severities: chosen }]
      : [];
  });
}

/** A notice whose recipients on some channels come from the preferences. */
export interface NoticeByPreference {
  severity: Severity;
  /** Every channel of the notice without a named recipient. */
  channels: readonly OuterChannel[];
}

/** The places that recipients come from. */
export interface RecipientSources {
  /** The preferences for the org of the rule. */
  preferences: readonly Preference[];
  defaults: DefaultRecipients;
}

/**
 * The recipients on one channel of a notice. The preferences name them. The default recipients are used if the
 * preferences name nobody for the severity on any channel of the notice.
 */
export function routesOf(
  channel: OuterChannel,
  { severity, channels }: NoticeByPreference,
  { preferences, defaults }: RecipientSources,
  now: number,
): Route[] {
  if (preferredChannels(severity, preferences).some((preferred) => channels.includes(preferred))) {
    return preferredRoutes(channel, severity, preferences, now);
  }
  const known = channel in defaults ? defaults[channel as keyof DefaultRecipients] : [];
  return [...new Set(known)].map((recipient) => ({ recipient, notBefore: now }));
}

/** The channels on which preferences name anybody for the severity. */
export function preferredChannels(severity: Severity, preferences: readonly Preference[]): OuterChannel[] {
  return outerChannels.filter((channel) =>
    preferences.some((preference) => addressChosen(channel, severity, preference) !== null),
  );
}

function addressChosen(channel: OuterChannel, severity: Severity, preference: Preference): string | null {
  return preference.channels[severity].includes(channel) ? preference[addressFor[channel]] : null;
}

/**
 * The recipients that preferences name on one channel. Several people may share an address: it gets one message, at the
 * earliest time that any of them allows. A critical message does not wait for quiet hours.
 */
export function preferredRoutes(
  channel: OuterChannel,
  severity: Severity,
  preferences: readonly Preference[],
  now: number,
): Route[] {
  const earliest = new Map<string, number>();
  for (const preference of preferences) {
    const recipient = addressChosen(channel, severity, preference);
    if (recipient === null) continue;
    const notBefore = severity === 'critical' ? now : afterQuietHours(preference.quietHours, now);
    earliest.set(recipient, Math.min(notBefore, earliest.get(recipient) ?? Number.POSITIVE_INFINITY));
  }
  return [...earliest].map(([recipient, notBefore]) => ({ recipient, notBefore }));
}

/** The channels to fall back to when an SMS fails, the first that has an address. */
const INSTEAD_OF_SMS = ['pagerduty', 'slack', 'teams', 'discord', 'email', 'webhook'] as const;

/** The recipients who get the message at once when an SMS to a phone number fails. */
export function insteadOfSms(
  phone: string,
  preferences: readonly Preference[],
  defaults: DefaultRecipients,
): { channel: OuterChannel; recipient: string }[] {
  const owners = preferences.filter((preference) => preference.phone === phone);
  const ofOwners = owners.flatMap((owner) => {
    for (const channel of INSTEAD_OF_SMS) {
      const recipient = owner[addressFor[channel]];
      if (recipient !== null) return [{ channel, recipient }];
    }
    return [];
  });
  if (ofOwners.length > 0) return ofOwners;
  const [slack] = defaults.slack;
  if (slack !== undefined) return [{ channel: 'slack', recipient: slack }];
  return defaults.email.map((recipient) => ({ channel: 'email' as const, recipient }));
}
