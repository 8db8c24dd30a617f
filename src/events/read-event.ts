import type { Fault } from '../errors.ts';
import { eventTypes } from './catalogue.ts';
import { isUuid, storedEventId } from './event-id.ts';
import type { EventType, Row } from './event-type.ts';
import { type Envelope, envelopeFields, type ReadOptions, readEnvelope } from './read-envelope.ts';
import { deriveColumns, readFields, readLines } from './read-fields.ts';
import { isObject, type JsonObject, Reading } from './reading.ts';

/** An event that is right: its rows (its own first, then its lines), and how it may be found again. */
export interface ReadEvent {
  orgId: string;
  /** As stored: 32 hexadecimal digits. */
  eventId: string;
  /** As it was sent. */
  sentId: string;
  correlationId: string | undefined;
  rows: readonly Row[];
}

/** The names an event of a type may use. */
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
 * Reads one event as it was sent into the rows that are stored for it, or into its faults: the first twenty, and
 * how many more there are; paths start with `at`. Pure, and does not throw, whatever it is given.
 */
export function readEvent(input: unknown, options: ReadOptions, at = '$'): ReadEvent | Fault[] {
  if (!isObject(input)) return [{ path: at, message: 'must be an object' }];
  const reading = new Reading(input, at);
  const envelope = readEnvelope(reading, options);
  const { definition } = envelope;
  if (!definition) return reading.faults;

  const head: Row = { org_id: envelope.orgId, type: definition.type, occurred_at: envelope.occurredAt };
  if (envelope.actorId !== undefined) head.actor_id = envelope.actorId;
  const attributes: JsonObject = {};
  readFields(definition, reading, head, attributes);
  reading.refuseUnknown(knownNames.get(definition) ?? NO_NAMES);
  const lines = definition.lines ? readLines(definition.lines, reading, head) : [];
  if (reading.isRight) deriveColumns(definition, reading, head, lines);
  if (!reading.isRight) return reading.faults;

  return identified(envelope, definition, head, lines, attributes);
}

/** Gives the rows what they have in common, and the event's own row what has no column. */
function identified(
  envelope: Envelope,
  definition: EventType,
  head: Row,
  lines: readonly Row[],
  attributes: JsonObject,
): ReadEvent {
  const { orgId, correlationId, metadata } = envelope;
  const eventId = storedEventId(orgId, envelope.eventId);
  head.event_id = eventId;
  if (!isUuid(envelope.eventId)) attributes.eventId = envelope.eventId;
  if (metadata !== undefined) attributes.metadata = metadata;
  if (Object.keys(attributes).length > 0) head.attributes = JSON.stringify(attributes);
  for (const line of lines) {
    line.org_id = orgId;
    line.event_id = eventId;
    line.occurred_at = envelope.occurredAt;
    if (definition.lines) line.type = definition.lines.type.type;
  }
  return { orgId, eventId, sentId: envelope.eventId, correlationId, rows: [head, ...lines] };
}
