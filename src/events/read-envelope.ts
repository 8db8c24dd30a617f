import { DAY, MINUTE } from '../time.ts';
import { ALL_ORGS } from './all-orgs.ts';
import { DEFAULT_TYPE, eventTypes, publicTypes } from './catalogue.ts';
import type { EventType } from './event-type.ts';
import { Refusal, readText, readTimestamp } from './field.ts';
import { isObject, type JsonObject, type Reading } from './reading.ts';

/** What every event says of itself, whatever its type. */
export interface Envelope {
  definition: EventType | undefined;
  orgId: string;
  /** As it was sent. */
  eventId: string;
  /** Microseconds since the epoch. */
  occurredAt: number;
  correlationId: string | undefined;
  actorId: string | undefined;
  metadata: JsonObject | undefined;
}

export interface ReadOptions {
  /** Milliseconds since the epoch. */
  now: number;
  /** Accept any `occurredAt`, for imports of history. */
  anyTime?: boolean;
  /** Accept the types that only Tidemark writes. */
  internal?: boolean;
}

/** The names that `readEnvelope` reads. */
export const envelopeFields = [
  'eventId',
  'orgId',
  'type',
  'occurredAt',
  'correlationId',
  'actorId',
  'metadata',
] as const;

/** Characters of an id. */
export const MAX_ID_LENGTH = 200;
const MAX_METADATA_ENTRIES = 50;
const MAX_METADATA_KEY = 100;
const MAX_METADATA_VALUE = 1_000;
/** How far from now an event may lie, unless an import says otherwise. */
const MAX_AGE_MS = 400 * DAY;
const MAX_AHEAD_MS = 10 * MINUTE;
/** What is said of a time beyond that. */
export const timeFaults = {
  past: 'must not be more than 400 days ago',
  ahead: 'must not be more than 10 minutes ahead',
} as const;

/** Reads what all events have in common. What is wrong is noted in the reading, and stands in for nothing. */
export function readEnvelope(reading: Reading, options: ReadOptions): Envelope {
  return {
    definition: readType(reading, options),
    orgId: readOrgId(reading),
    eventId: readId(reading, 'eventId'),
    occurredAt: readOccurredAt(reading, options),
    correlationId: readOptionalId(reading, 'correlationId'),
    actorId: readOptionalId(reading, 'actorId'),
    metadata: readMetadata(reading),
  };
}

function readType(reading: Reading, options: ReadOptions): EventType | undefined {
  const type = reading.input.type ?? DEFAULT_TYPE;
  const definition = typeof type === 'string' ? eventTypes.get(type) : undefined;
  if (definition && (options.internal || !definition.internal)) return definition;
  reading.refuse('type', `must be one of ${publicTypes.map((known) => known.type).join(', ')}`);
  return undefined;
}

function readId(reading: Reading, name: string): string {
  const value = reading.input[name];
  const read = value === undefined ? undefined : readText(value, MAX_ID_LENGTH);
  if (typeof read === 'string') return read;
  reading.refuse(name, read ? `must be ${read.expected}` : 'is required');
  return '';
}

function readOrgId(reading: Reading): string {
  const orgId = readId(reading, 'orgId');
  if (orgId === ALL_ORGS) reading.refuse('orgId', `must name one org; "${ALL_ORGS}" stands for all of them`);
  return orgId;
}

function readOptionalId(reading: Reading, name: string): string | undefined {
  const value = reading.input[name];
  return value === undefined || value === null ? undefined : readId(reading, name);
}

function readOccurredAt(reading: Reading, options: ReadOptions): number {
  const value = reading.input.occurredAt;
  const read = value === undefined ? undefined : readTimestamp(value);
  if (typeof read === 'number') {
    const message = options.anyTime ? undefined : faultOfTime(read, options.now);
    if (message) reading.refuse('occurredAt', message);
    return read;
  }
  reading.refuse('occurredAt', read ? `must be ${read.expected}` : 'is required');
  return 0;
}

function faultOfTime(occurredAt: number, now: number): string | undefined {
  const age = now - occurredAt / 1_000;
  if (age > MAX_AGE_MS) return timeFaults.past;
  return age < -MAX_AHEAD_MS ? timeFaults.ahead : undefined;
}

function readMetadata(reading: Reading): JsonObject | undefined {
  const value = reading.input.metadata;
  if (value === undefined || value === null) return undefined;
  // Names alone are counted first: a million entries take four times as long.
  if (!isObject(value) || Object.keys(value).length > MAX_METADATA_ENTRIES) {
    reading.refuse('metadata', `must be an object of at most ${MAX_METADATA_ENTRIES} texts`);
    return undefined;
  }
  const entries = Object.entries(value);
  // Senders that always write the field send it empty the one time and not at all the next.
  if (entries.length === 0) return undefined;
  for (const [key, entry] of entries) {
    const parts = [readText(key, MAX_METADATA_KEY), entry === '' ? '' : readText(entry, MAX_METADATA_VALUE)];
    const refusal = parts.find((part) => part instanceof Refusal);
    if (refusal) {
      reading.refuse('metadata', `must have, as each key and value, ${refusal.expected}`);
      return undefined;
    }
  }
  // In one order: a caller whose maps have none may send the same event again in another.
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
