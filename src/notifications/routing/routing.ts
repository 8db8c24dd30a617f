import { type OuterChannel, outerChannels, type Severity, severities } from '../notice/notice.ts';
import { afterQuietHours, type QuietHours } from './quiet-hours.ts';

/** Where a person or a team can be reached, and by what for how bad it is. */
export interface Preference {
  kind: 'user' | 'team';
  id: string;
  email: string | null;
  phone: string | null;
  /** Names of destinations. */
  slack: string | null;
  webhook: string | null;
  channels: Record<Severity, OuterChannel[]>;
  quietHours: QuietHours | null;
}

/** Addresses for notices of which the preferences of the org name nobody to be told. */
export interface DefaultRecipients {
  email: readonly string[];
  sms: readonly string[];
  slack: readonly string[];
}

/** By what those are told who have not chosen. */
export const defaultChannels: Record<Severity, OuterChannel[]> = {
  info: [],
  warning: ['slack', 'email'],
  critical: ['slack', 'email', 'sms'],
};

/** One address that a message goes to, and not before when (milliseconds). */
export interface Route {
  recipient: string;
  notBefore: number;
}

type Addresses = Pick<Preference, 'email' | 'phone' | 'slack' | 'webhook'>;

const addressFor = {
  email: 'email',
  sms: 'phone',
  slack: 'slack',
  webhook: 'webhook',
} as const satisfies Record<OuterChannel, keyof Addresses>;

/** By what those are told who give these addresses and do not choose. */
export function channelsWith(addresses: Addresses): Preference['channels'] {
  const reachable = (channels: OuterChannel[]) =>
    channels.filter((channel) => addresses[addressFor[channel]] !== null);
  const { info, warning, critical } = defaultChannels;
  return { info: reachable(info), warning: reachable(warning), critical: reachable(critical) };
}

/** A channel that is chosen without its address: which that is, and for how bad a notice it is chosen. */
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

/** Of a notice, what is told to whoever is meant. */
export interface Meant {
  severity: Severity;
  /** Those that name nobody, all of them. */
  channels: readonly OuterChannel[];
}

/**
 * Who is told by one of the channels that name nobody: whoever the preferences of the org name, or the default
 * recipients where by none of these channels they name anybody for so bad a notice.
 */
export function routesOf(
  channel: OuterChannel,
  { severity, channels }: Meant,
  preferences: readonly Preference[],
  defaults: DefaultRecipients,
  now: number,
): Route[] {
  if (preferredChannels(severity, preferences).some((preferred) => channels.includes(preferred))) {
    return preferredRoutes(channel, severity, preferences, now);
  }
  const known = channel === 'webhook' ? [] : defaults[channel];
  return [...new Set(known)].map((recipient) => ({ recipient, notBefore: now }));
}

/** The channels by which preferences name anybody for so bad a notice. */
export function preferredChannels(severity: Severity, preferences: readonly Preference[]): OuterChannel[] {
  return outerChannels.filter((channel) =>
    preferences.some((preference) => addressChosen(channel, severity, preference) !== null),
  );
}

function addressChosen(channel: OuterChannel, severity: Severity, preference: Preference): string | null {
  return preference.channels[severity].includes(channel) ? preference[addressFor[channel]] : null;
}

/**
 * Whom preferences name for one channel. Each address once, at the earliest time anybody behind it wants; what is
 * critical waits for nobody.
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

/** In which order other channels are tried for somebody whom an SMS does not reach. */
const INSTEAD_OF_SMS = ['slack', 'email', 'webhook'] as const;

/** Where else those behind a phone number are told at once when its SMS fails. */
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
