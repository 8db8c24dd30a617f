import { publicTypes } from '../events/catalogue.ts';
import { isObject, type JsonObject } from '../events/json-object.ts';
import { MAX_ID_LENGTH } from '../events/read-envelope.ts';
import { type DecodedEvents, notEvents, refuseTooMany, type UnreadableEvent } from './decoded-events.ts';
import { refuseTooMuchJson } from './json-size.ts';
import { parseJsonBody } from './parse-json.ts';

/** The fields of a CloudEvent that fields of our event came from, by the field of our event; not those of `data`. */
type Places = ReadonlyMap<string, string>;

const ownTypes: ReadonlySet<unknown> = new Set(publicTypes.map(({ type }) => type));

/** Reads a body of one CloudEvent. */
export function decodeCloudEvent(body: Buffer): DecodedEvents {
  refuseTooMuchJson(body);
  return decodeEach([parseJsonBody(body)], true);
}

/** Reads a body of an array of CloudEvents. */
export function decodeCloudEventBatch(body: Buffer): DecodedEvents {
  refuseTooMuchJson(body, { isList: true });
  const parsed = parseJsonBody(body);
  if (!Array.isArray(parsed)) throw notEvents('must be an array of CloudEvents');
  return decodeEach(parsed, false);
}

function decodeEach(cloudEvents: readonly unknown[], single: boolean): DecodedEvents {
  refuseTooMany(cloudEvents.length);
  const unreadable = new Map<number, UnreadableEvent>();
  const places: Places[] = [];
  const events = cloudEvents.map((cloudEvent, index) => {
    const read = fromCloudEvent(cloudEvent);
    if ('event' in read) {
      places[index] = read.places;
      return read.event;
    }
    unreadable.set(index, read);
    return undefined;
  });
  const placeOf = (index: number, field: string) => places[index]?.get(field) ?? `data.${field}`;
  return { events, unreadable, single, placeOf };
}

/**
 * Makes an event of a CloudEvent (version 1.0, JSON format). It takes the fields of `data`, with `id` as `eventId`,
 * `subject` as `orgId` and `time` as `occurredAt`. It takes `type` if it is one of ours. `data` may hold what the
 * CloudEvent leaves out. It checks what the standard requires; the event itself is checked later, like any other.
 */
function fromCloudEvent(given: unknown): { event: JsonObject; places: Places } | UnreadableEvent {
  if (!isObject(given)) return { eventId: null, field: '', message: 'must be an object' };
  const { specversion, id, source, type, subject, time, data } = given;
  const refuse = (field: string, message: string): UnreadableEvent => ({
    eventId: isText(id) ? id.slice(0, MAX_ID_LENGTH) : null,
    field,
    message,
  });
  if (specversion !== '1.0') return refuse('specversion', 'must be "1.0"');
  if (!isText(id)) return refuse('id', 'is required');
  if (!isText(source)) return refuse('source', 'is required');
  if (!isText(type)) return refuse('type', 'is required');
  if (!isObject(data)) return refuse('data', 'must be a JSON object');
  if (isText(subject) && data.orgId !== undefined && data.orgId !== subject) {
    return refuse('subject', 'must not differ from data.orgId');
  }
  const event: JsonObject = { ...data, eventId: id };
  if (isText(subject)) event.orgId = subject;
  if (time !== undefined) event.occurredAt = time;
  if (ownTypes.has(type)) event.type = type;
  const places = new Map([['eventId', 'id']]);
  if (isText(subject) || data.orgId === undefined) places.set('orgId', 'subject');
  if (time !== undefined || data.occurredAt === undefined) places.set('occurredAt', 'time');
  return { event, places };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
