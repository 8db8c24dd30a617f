import type { OuterChannel, Severity } from './notice.ts';
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

/** Addresses for orgs whose people have said nothing. */
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

const addressOf: Record<OuterChannel, (preference: Preference) => string | null> = {
  email: ({ email }) => email,
  sms: ({ phone }) => phone,
  slack: ({ slack }) => slack,
  webhook: ({ webhook }) => webhook,
};

/** Who is told by one channel: whoever the preferences of the org name, or the default recipients if there are none. */
export const routesOf = (
  channel: OuterChannel,
  severity: Severity,
  preferences: readonly Preference[],
  defaults: DefaultRecipients,
  now: number,
): Route[] => {
  if (preferences.length > 0) return preferredRoutes(channel, severity, preferences, now);
  const known = channel === 'webhook' ? [] : defaults[channel];
  return [...new Set(known)].map((recipient) => ({ recipient, notBefore: now }));
};

/**
 * Whom preferences name for one channel. Each address once, at the earliest time anybody behind it wants; what is
 * critical waits for nobody.
 */
export const preferredRoutes = (
  channel: OuterChannel,
  severity: Severity,
  preferences: readonly Preference[],
  now: number,
): Route[] => {
  const earliest = new Map<string, number>();
  for (const preference of preferences) {
    const recipient = addressOf[channel](preference);
    if (recipient === null || !preference.channels[severity].includes(channel)) continue;
    const notBefore = severity === 'critical' ? now : afterQuietHours(preference.quietHours, now);
    earliest.set(recipient, Math.min(notBefore, earliest.get(recipient) ?? Number.POSITIVE_INFINITY));
  }
  return [...earliest].map(([recipient, notBefore]) => ({ recipient, notBefore }));
};

/** In which order other channels are tried for somebody whom an SMS does not reach. */
const INSTEAD_OF_SMS = ['slack', 'email', 'webhook'] as const;

/** Where else those behind a phone number are told at once when its SMS fails. */
export const insteadOfSms = (
  phone: string,
  preferences: readonly Preference[],
  defaults: DefaultRecipients,
): { channel: OuterChannel; recipient: string }[] => {
  const owners = preferences.filter((preference) => preference.phone === phone);
  const ofOwners = owners.flatMap((owner) => {
    for (const channel of INSTEAD_OF_SMS) {
      const recipient = addressOf[channel](owner);
      if (recipient !== null) return [{ channel, recipient }];
    }
    return [];
  });
  if (ofOwners.length > 0) return ofOwners;
  const [slack] = defaults.slack;
  if (slack !== undefined) return [{ channel: 'slack', recipient: slack }];
  return defaults.email.map((recipient) => ({ channel: 'email' as const, recipient }));
};
