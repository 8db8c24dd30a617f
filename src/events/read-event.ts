import type { Fault } from '../errors.ts';
import { eventTypes } from './catalogue.ts';
import { hexOfUuid, onceId, storedEventId } from './event-id.ts';
import type { EventType, Row } from './event-type.ts';
import { InputReader } from './input-reader.ts';
import { isObject, type JsonObject } from './json-object.ts';
import { keepUnknown } from './keep-unknown.ts';
import { type Envelope, envelopeFields, type ReadOptions, readEnvelope, typeOf } from './read-envelope.ts';
import { deriveColumns, readFields, readLines } from './read-fields.ts';

/** A valid event: its ids, and its rows (the event's own first, then its lines). */
export interface ReadEvent {
  orgId: string;
  /** As stored: 32 hexadecimal digits. */
  eventId: string;
  /** As it was sent. */
  sentId: string;
  /** The id of what no other event may be, for a type that has such a thing. */
  onceId?: string | undefined;
  correlationId: string | undefined;
  rows: readonly Row[];
  /** The number of texts that were cut because they were too long. */
  cut: number;
  /** The rows to store, if they are not those that were sent. */
  settled?: readonly Row[] | undefined;
  /** The unknown fields that are kept in the metadata, of an event that is read leniently. */
  moved?: readonly string[] | undefined;
}

/** The fields that an event of a type may have. */
export const knownNames: ReadonlyMap<EventType, ReadonlySet<string>> = new Map(
  [...eventTypes.values()].map((definition) => [
    definition,
    new Set([
      ...envelopeFields,
      ...Object.keys(definition.fields),
      ...(definition.lines ? [definition.lines.field] : []),
    ]),
  ]),
);

const NO_NAMES: ReadonlySet<string> = new Set();

/**
 * Reads one event as it was sent into the rows that are stored for it. It returns the faults of an event that is not
 * valid: the first twenty, and how many more there are. Their paths start with `at`. Pure; never throws.
 */
export function readEvent(input: unknown, options: ReadOptions, at = '$'): ReadEvent | Fault[] {
  if (!isObject(input)) return [{ path: at, message: 'must be an object' }];
  const type = options.lenient ? typeOf(input) : undefined;
  const kept = type && keepUnknown(input, type, knownNames.get(type) ?? NO_NAMES);
  const reader = new InputReader(kept?.input ?? input, at);
  const envelope = readEnvelope(reader, options);
  const { definition } = envelope;
  if (!definition) return reader.faults;

  const head: Row = { org_id: envelope.orgId, type: definition.type, occurred_at: envelope.occurredAt };
  if (envelope.actorId !== undefined) head.actor_id = envelope.actorId;
  const attributes: JsonObject = {};
  readFields(definition, reader, head, attributes);
  reader.refuseUnknown(knownNames.get(definition) ?? NO_NAMES);
  const lines = definition.lines ? readLines(definition.lines, reader, head) : [];
  if (reader.isRight) deriveColumns(definition, reader, head, lines);
  if (!reader.isRight) return reader.faults;

  const eventId = fillIds(envelope, head, lines, attributes);
  const rows = [head, ...lines];
  const settled = definition.settle?.(rows);
  const once = definition.once?.(head);
  // One literal, because spreads of optional parts are slow.
  return {
    orgId: envelope.orgId,
    eventId,
    sentId: envelope.eventId,
    onceId: once === undefined ? undefined : onceId(envelope.orgId, once),
    correlationId: envelope.correlationId,
    rows,
    cut: reader.cut + (kept?.cut ?? 0),
    settled: settled === rows ? undefined : settled,
    moved: kept?.moved,
  };
}

/**
 * Fills the columns that all rows share, and puts the values without a column into the event's own row.
 * @returns the id of the event as it is stored
 */
function fillIds(envelope: Envelope, head: Row, lines: readonly Row[], attributes: JsonObject): string {
  const { orgId, metadata, definition } = envelope;
  let eventId = hexOfUuid(envelope.eventId);
  if (eventId === undefined) {
    eventId = storedEventId(orgId, envelope.eventId);
    attributes.eventId = envelope.eventId;
  }
  head.event_id = eventId;
  if (metadata !== undefined) attributes.metadata = metadata;
  if (Object.keys(attributes).length > 0) head.attributes = JSON.stringify(attributes);
  for (const line of lines) {
    line.org_id = orgId;
    line.event_id = eventId;
    line.occurred_at = envelope.occurredAt;
    if (definition?.lines) line.type = definition.lines.type.type;
  }
  return eventId;
}
