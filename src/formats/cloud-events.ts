import { publicTypes } from '../events/catalogue.ts';
import { MAX_ID_LENGTH } from '../events/read-envelope.ts';
import { isObject, type JsonObject } from '../events/reading.ts';

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

const ownTypes: ReadonlySet<unknown> = new Set(publicTypes.map(({ type }) => type));

/** Where fields of an event stand in its CloudEvent, those of `data` aside. */
export type Places = ReadonlyMap<string, string>;

/** The event that a CloudEvent carries, or what is wrong with the CloudEvent: in which of its fields, if in one. */
type Carried =
  | { event: JsonObject; places: Places }
  | { eventId: string | null; field: string; message: string };

/**
 * An event of ours from a CloudEvent (version 1.0, JSON format): the fields of `data`, with `id` as
 * `eventId`, `subject` as `orgId`, `time` as `occurredAt`, and `type` as `type` when it is one of ours.
 * What the envelope leaves out may stand in `data`. What a CloudEvent itself must have is checked here;
 * the event it carries is checked like any other.
 */
export function fromCloudEvent(given: unknown): Carried {
  if (!isObject(given)) return { eventId: null, field: '', message: 'must be an object' };
  const { specversion, id, source, type, subject, time, data } = given;
  const refuse = (field: string, message: string): Carried => ({
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

/** Where a field of the event, or a part of it such as `items[0].sku`, stands in the CloudEvent. */
export function placeInCloudEvent(places: Places | undefined, field: string): string {
  return places?.get(field) ?? `data.${field}`;
}
