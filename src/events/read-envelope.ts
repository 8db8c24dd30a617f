import { DAY, MINUTE } from '../time.ts';
import { ALL_ORGS } from './all-orgs.ts';
import { DEFAULT_TYPE, eventTypes, publicTypes } from './catalogue.ts';
import type { EventType } from './event-type.ts';
import { Refusal, readText, readTimestamp } from './field.ts';
import type { InputReader } from './input-reader.ts';
import { isObject, type JsonObject } from './json-object.ts';

/** The fields that events of every type have. */
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
  /** Accept the types that only Tidemark may write. */
  internal?: boolean;
  /** Move unknown fields into the metadata, instead of refusing the event. */
  lenient?: boolean;
}

/** The fields that `readEnvelope` reads. */
export const envelopeFields = [
  'eventId',
  'orgId',
  'type',
  'occurredAt',
  'correlationId',
  'actorId',
  'metadata',
] as const;

/** The most characters of an id. */
export const MAX_ID_LENGTH = 200;
const MAX_METADATA_ENTRIES = 50;
const MAX_METADATA_KEY = 100;
export const MAX_METADATA_VALUE = 1_000;
/** How far in the past and in the future an event may lie; an import may allow any time. */
const MAX_AGE_MS = 400 * DAY;
const MAX_AHEAD_MS = 10 * MINUTE;
/** The messages about a time outside that range. */
export const timeFaults = {
  past: 'must not be more than 400 days ago',
  ahead: 'must not be more than 10 minutes in the future',
} as const;

/** Reads the fields that all events have. The reader records a fault; the field then has an empty value. */
export function readEnvelope(reader: InputReader, options: ReadOptions): Envelope {
  return {
    definition: readType(reader, options),
    orgId: readOrgId(reader),
    eventId: readId(reader, 'eventId'),
    occurredAt: readOccurredAt(reader, options),
    correlationId: readOptionalId(reader, 'correlationId'),
    actorId: readOptionalId(reader, 'actorId'),
    metadata: readMetadata(reader),
  };
}

/** The type that an event says it is of. */
export function typeOf(input: JsonObject): EventType | undefined {
  const type = input.type ?? DEFAULT_TYPE;
  return typeof type === 'string' ? eventTypes.get(type) : undefined;
}

function readType(reader: InputReader, options: ReadOptions): EventType | undefined {
  const definition = typeOf(reader.input);
  if (definition && (options.internal || !definition.internal)) return definition;
  reader.refuse('type', `must be one of ${publicTypes.map((known) => known.type).join(', ')}`);
  return undefined;
}

function readId(reader: InputReader, name: string): string {
  const value = reader.input[name];
  const read = value === undefined ? undefined : readText(value, MAX_ID_LENGTH);
  if (typeof read === 'string') return read;
  reader.refuse(name, read ? `must be ${read.expected}` : 'is required');
  return '';
}

function readOrgId(reader: InputReader): string {
  const orgId = readId(reader, 'orgId');
  if (orgId === ALL_ORGS)
    reader.refuse('orgId', `must name one org; "${ALL_ORGS}" is reserved for all orgs together`);
  if (orgId === '.' || orgId === '..')
    reader.refuse(
      'orgId',
      `must not be "." or "..": clients shorten a path that has them, so nobody could ask for the org`,
    );
  return orgId;
}

function readOptionalId(reader: InputReader, name: string): string | undefined {
  const value = reader.input[name];
  return value === undefined || value === null ? undefined : readId(reader, name);
}

function readOccurredAt(reader: InputReader, options: ReadOptions): number {
  const value = reader.input.occurredAt;
  const read = value === undefined ? undefined : readTimestamp(value);
  if (typeof read === 'number') {
    const message = options.anyTime ? undefined : faultOfTime(read, options.now);
    if (message) reader.refuse('occurredAt', message);
    return read;
  }
  reader.refuse('occurredAt', read ? `must be ${read.expected}` : 'is required');
  return 0;
}

function faultOfTime(occurredAt: number, now: number): string | undefined {
  const age = now - occurredAt / 1_000;
  if (age > MAX_AGE_MS) return timeFaults.past;
  return age < -MAX_AHEAD_MS ? timeFaults.ahead : undefined;
}

/** Values that are kept as their text. */
function isPlain(value: unknown): boolean {
  return value === null || typeof value === 'boolean' || typeof value === 'number';
}

function readMetadata(reader: InputReader): JsonObject | undefined {
  const value = reader.input.metadata;
  if (value === undefined || value === null) return undefined;
  // Counts the names alone first: with a million entries, reading them all takes four times as long.
  if (!isObject(value) || Object.keys(value).length > MAX_METADATA_ENTRIES) {
    reader.refuse(
      'metadata',
      `must be an object with at most ${MAX_METADATA_ENTRIES} entries, all of them text, numbers, booleans or null`,
    );
    return undefined;
  }
  const entries = Object.entries(value);
  // An empty object counts as absent: one sender may send both for the same event.
  if (entries.length === 0) return undefined;
  for (const pair of entries) {
    const [key, given] = pair;
    const entry = isPlain(given) ? String(given) : given;
    pair[1] = entry;
    const parts = [readText(key, MAX_METADATA_KEY), entry === '' ? '' : readText(entry, MAX_METADATA_VALUE)];
    const refusal = parts.find((part) => part instanceof Refusal);
    if (refusal) {
      reader.refuse('metadata', `must have, as each key and value, ${refusal.expected}`);
      return undefined;
    }
  }
  // Sorted, so that a replay has the same hash: a sender whose maps have no order may send another one.
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
