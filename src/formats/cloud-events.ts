import { createHash } from 'node:crypto';
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

/** The headers of a request, as Node gives them. */
type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

const HEADER_PREFIX = 'ce-';

/** Whether a request says in headers that its body is the data of a CloudEvent (binary mode of the HTTP binding). */
export function isBinaryCloudEvent(headers: Headers): boolean {
  return headers[`${HEADER_PREFIX}specversion`] !== undefined;
}

/** Reads a CloudEvent whose attributes are headers and whose data is the body. */
export function decodeBinaryCloudEvent(body: Buffer, headers: Headers): DecodedEvents {
  const attributes = Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith(HEADER_PREFIX) ? [[name.slice(HEADER_PREFIX.length), decodedHeader(String(value))]] : [],
  );
  const read = fromCloudEvent({ ...Object.fromEntries(attributes), data: parseJsonBody(body) });
  const inHeader = (field: string) => (field === 'data' ? '' : `${HEADER_PREFIX}${field}`);
  const decoded = { single: true, headerPrefix: HEADER_PREFIX };
  if (!('event' in read)) {
    const unreadable = new Map([[0, { ...read, field: inHeader(read.field) }]]);
    return { ...decoded, events: [undefined], unreadable };
  }
  return {
    ...decoded,
    events: [read.event],
    unreadable: new Map(),
    sentIdOf: () => read.id,
    placeOf: (_index, field) => {
      const place = read.places.get(field);
      return place === undefined ? field : inHeader(place);
    },
  };
}

/** The binding has senders percent-encode what a header cannot hold. */
function decodedHeader(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function decodeEach(cloudEvents: readonly unknown[], single: boolean): DecodedEvents {
  refuseTooMany(cloudEvents.length);
  const unreadable = new Map<number, UnreadableEvent>();
  const readEvents: (ReadCloudEvent | undefined)[] = [];
  const events = cloudEvents.map((cloudEvent, index) => {
    const read = fromCloudEvent(cloudEvent);
    if ('event' in read) {
      readEvents[index] = read;
      return read.event;
    }
    unreadable.set(index, read);
    return undefined;
  });
  return {
    events,
    unreadable,
    single,
    placeOf: (index, field) => readEvents[index]?.places.get(field) ?? `data.${field}`,
    sentIdOf: (index) => readEvents[index]?.id,
  };
}

interface ReadCloudEvent {
  event: JsonObject;
  places: Places;
  /** As it was sent. */
  id: string;
}

/**
 * Makes an event of a CloudEvent (version 1.0, JSON format). It takes the fields of `data`, with `source` and `id` as
 * `eventId`, `subject` as `orgId`, `time` as `occurredAt`, and `type`. `data` may hold what the CloudEvent leaves out, and
 * an `eventId` of its own. It checks what the standard requires; the event itself is checked later, like any other.
 */
function fromCloudEvent(given: unknown): ReadCloudEvent | UnreadableEvent {
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
  if (!ownTypes.has(type)) return refuse('type', `must be one of ${[...ownTypes].join(', ')}`);
  if (!isObject(data)) return refuse('data', 'must be a JSON object');
  if (data.type !== undefined && data.type !== type) return refuse('type', 'must not differ from data.type');
  if (isText(subject) && data.orgId !== undefined && data.orgId !== subject) {
    return refuse('subject', 'must not differ from data.orgId');
  }
  const event: JsonObject = { ...data, type };
  const places = new Map<string, string>([['type', 'type']]);
  if (data.eventId === undefined) {
    event.eventId = eventIdOf(source, id);
    places.set('eventId', 'id');
  }
  if (isText(subject)) event.orgId = subject;
  if (time !== undefined) event.occurredAt = time;
  if (isText(subject) || data.orgId === undefined) places.set('orgId', 'subject');
  if (time !== undefined || data.occurredAt === undefined) places.set('occurredAt', 'time');
  return { event, places, id };
}

/**
 * An id is unique within its source only, so the two together identify the event. They are told apart at the first space,
 * which a source, being a URI, does not have. Their hash takes the place of ones that are too long or have such a space.
 */
function eventIdOf(source: string, id: string): string {
  // The check of the event refuses such an id by its own path.
  if (id.length > MAX_ID_LENGTH) return id;
  const both = `${source} ${id}`;
  if (both.length <= MAX_ID_LENGTH && !source.includes(' ')) return both;
  return createHash('sha256')
    .update(JSON.stringify([source, id]))
    .digest('hex');
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
