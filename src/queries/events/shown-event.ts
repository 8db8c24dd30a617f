import { eventTypes } from '../../events/catalogue.ts';
import type { EventType } from '../../events/event-type.ts';
import type { Field } from '../../events/field.ts';
import type { JsonObject } from '../../events/json-object.ts';
import type { EventRow } from './event-row.ts';

/**
 * An event as it was sent, with the names and units of its type, and what Tidemark added. A field that it does not have
 * is null.
 */
export interface ShownEvent extends JsonObject {
  eventId: string;
  orgId: string;
  type: string;
  occurredAt: string;
  receivedAt: string;
  correlationId: string;
  actorId: string | null;
  metadata: Record<string, string> | null;
  /** Where the cost comes from, for a type that is priced. */
  costSource?: string | null;
}

/** An event of a type that is no longer known has the fields that every event has. */
export function shownEvent(row: EventRow): ShownEvent {
  const definition = eventTypes.get(row.type);
  return {
    eventId: sentId(row),
    orgId: row.org_id,
    type: row.type,
    occurredAt: shownTime(row.occurred_at),
    receivedAt: shownTime(row.received_at),
    correlationId: row.correlation_id,
    actorId: row.actor_id,
    ...(definition && fieldsOf(definition, row)),
    ...(definition?.mayLackCost && { costSource: row.cost_source }),
    metadata: metadataOf(row),
  };
}

/** Milliseconds, as everywhere else; microseconds only if there are any. */
function shownTime(withMicroseconds: string): string {
  return withMicroseconds.replace(/000Z$/, 'Z');
}

/** The id as it was sent; the column has an id that is no UUID as its UUIDv5. */
export function sentId({ attributes, event_id }: EventRow): string {
  return typeof attributes?.eventId === 'string' ? attributes.eventId : event_id;
}

/** The fields of the sender. */
export function metadataOf({ attributes }: EventRow): Record<string, string> | null {
  return (attributes?.metadata as Record<string, string> | undefined) ?? null;
}

function fieldsOf(definition: EventType, row: EventRow): JsonObject {
  return Object.fromEntries(
    Object.entries(definition.fields).map(([name, field]) => [
      field.derivedName ?? name,
      shownValue(storedValue(row, name, field), field),
    ]),
  );
}

function storedValue(row: EventRow, name: string, { column }: Field): unknown {
  // A value that does not fit into its column is an attribute of the same name.
  return row.attributes?.[name] ?? (column === undefined ? null : row[column as keyof EventRow]) ?? null;
}

function shownValue(stored: unknown, { unitsPerOne }: Field): unknown {
  return typeof stored === 'number' && unitsPerOne !== undefined ? stored / unitsPerOne : stored;
}
