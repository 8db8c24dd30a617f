import { publicTypes } from '../events/catalogue.ts';
import { isObject, type JsonObject } from '../events/reading.ts';

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const ownTypes: ReadonlySet<unknown> = new Set(publicTypes.map(({ type }) => type));

/**
 * An event of ours from a CloudEvent (version 1.0, JSON format): the fields of `data`, with `id` as
 * `eventId`, `subject` as `orgId`, `time` as `occurredAt`, and `type` as `type` when it is one of ours.
 * What the envelope leaves out may stand in `data`. What a CloudEvent itself must have is checked here;
 * the event it carries is checked like any other.
 */
export function fromCloudEvent(given: unknown): { event: JsonObject } | { fault: string } {
  if (!isObject(given)) return { fault: 'must be an object' };
  const { specversion, id, source, type, subject, time, data } = given;
  if (specversion !== '1.0') return { fault: 'specversion must be "1.0"' };
  if (!isText(id)) return { fault: 'id is required' };
  if (!isText(source)) return { fault: 'source is required' };
  if (!isText(type)) return { fault: 'type is required' };
  if (!isObject(data)) return { fault: 'data must be a JSON object' };
  if (isText(subject) && data.orgId !== undefined && data.orgId !== subject) {
    return { fault: 'subject and data.orgId must not differ' };
  }
  const event: JsonObject = { ...data, eventId: id };
  if (isText(subject)) event.orgId = subject;
  if (time !== undefined) event.occurredAt = time;
  if (ownTypes.has(type)) event.type = type;
  return { event };
}
