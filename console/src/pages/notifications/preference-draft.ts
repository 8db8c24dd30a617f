import type { Channel, Severity } from './names.ts';
import type { NewPreference, Preference } from './queries.ts';

/** The fields of a preference that have an address, and the channel of each. */
export const addresses = ['email', 'phone', 'slack', 'webhook', 'pagerduty', 'teams', 'discord'] as const;
export type Address = (typeof addresses)[number];
export type SentChannel = Exclude<Channel, 'in_app'>;

/** The field with the address of a channel: `sms` has `phone`. */
export function addressOf(channel: SentChannel): Address {
  return channel === 'sms' ? 'phone' : channel;
}

function channelOf(address: Address): SentChannel {
  return address === 'phone' ? 'sms' : address;
}

/** A preference as the form has it. */
export interface Draft extends Record<Address, string> {
  kind: Preference['kind'];
  id: string;
  channels: Record<Severity, SentChannel[]>;
  isQuiet: boolean;
  from: string;
  to: string;
  zone: string;
}

/** A form that is being filled in. */
export interface Editing {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
}

/** The form of a preference that exists. */
export function draftOf(preference: Preference, timeZone: string): Draft {
  const { kind, id, channels, quietHours } = preference;
  const texts = Object.fromEntries(addresses.map((name) => [name, preference[name] ?? '']));
  return {
    ...(texts as Record<Address, string>),
    ...{ kind, id, channels, isQuiet: quietHours !== null },
    ...{ from: quietHours?.from ?? '22:00', to: quietHours?.to ?? '07:00' },
    zone: quietHours?.timezone ?? preference.timezone ?? timeZone,
  };
}

/** A form to begin with. */
export function newDraft(kind: Preference['kind'], id: string, timeZone: string): Draft {
  return {
    ...{ email: '', phone: '', slack: '', webhook: '', pagerduty: '', teams: '', discord: '' },
    ...{ kind, id, channels: { critical: ['email', 'sms'], warning: ['email'], info: [] } },
    ...{ isQuiet: false, from: '22:00', to: '07:00', zone: timeZone },
  };
}

/** The channels that have an address. */
export function reachable(draft: Record<Address, string>): SentChannel[] {
  return addresses.filter((name) => draft[name].trim() !== '').map(channelOf);
}

/** What the service is asked to keep. A channel that lost its address is left out. */
export function preferenceOf(draft: Draft): NewPreference {
  const known = reachable(draft);
  const chosen = (severity: Severity) =>
    draft.channels[severity].filter((channel) => known.includes(channel));
  return {
    ...Object.fromEntries(addresses.map((name) => [name, draft[name].trim() || null])),
    channels: { info: chosen('info'), warning: chosen('warning'), critical: chosen('critical') },
    quietHours: draft.isQuiet ? { from: draft.from, to: draft.to, timezone: draft.zone.trim() } : null,
    timezone: draft.zone.trim() || null,
  };
}
