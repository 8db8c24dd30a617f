import { CodedError } from '../errors.ts';
import { MAX_EVENTS } from '../events/max-events.ts';
import { fromCloudEvent, type Places, placeInCloudEvent } from './cloud-events.ts';
import { describeJsonFault, parseJson, parseJsonText, readLines } from './parse-json.ts';

/** The events of a body, in the caller's order. */
export interface EventBody {
  /** As parsed, unchecked; `undefined` where one could not be read. */
  events: unknown[];
  /** By index: why an event could not be read. */
  unreadable: ReadonlyMap<number, Unreadable>;
  /** The body was one event, not a list. */
  single: boolean;
  /** Where a field of the event stands in what was sent, if not at the same place. */
  placeOf?(index: number, field: string): string;
}

/** Why an event could not be read: in which field of what was sent, or empty when it is all of it. */
interface Unreadable {
  eventId: string | null;
  field: string;
  message: string;
}

/** Characters of lines that are no JSON in which the place of the fault is looked for. */
const MAX_LOOKED_AT = 1_000_000;

/** How the body of each content type becomes events. */
export const bodyFormats: Record<string, (body: Buffer) => EventBody> = {
  'application/json': readJson,
  'application/x-ndjson': readNdjson,
  'application/cloudevents+json': (body) => mapCloudEvents([parseJson(body)], true),
  'application/cloudevents-batch+json': (body) => {
    const parsed = parseJson(body);
    if (!Array.isArray(parsed)) throw notEvents('must be an array of CloudEvents');
    return mapCloudEvents(parsed, false);
  },
};

function notEvents(message: string) {
  return new CodedError('invalid_request', `The body ${message}.`, { faults: [{ path: '$', message }] });
}

function refuseTooMany(count: number): void {
  if (count <= MAX_EVENTS) return;
  throw new CodedError('too_large', `One request takes ${MAX_EVENTS} events.`, {
    faults: [{ path: '$', message: `must hold ${MAX_EVENTS} events or fewer` }],
  });
}

function readJson(body: Buffer): EventBody {
  const parsed = parseJson(body);
  const list = Array.isArray(parsed);
  if (!list && (typeof parsed !== 'object' || parsed === null))
    throw notEvents('must be an event or an array of events');
  const events = list ? parsed : [parsed];
  refuseTooMany(events.length);
  return { events, unreadable: new Map(), single: !list };
}

/** One event a line; empty lines do not count. A line that is no JSON is one event that cannot be read. */
function readNdjson(body: Buffer): EventBody {
  const events: unknown[] = [];
  const unreadable = new Map<number, Unreadable>();
  const refuse = (message: string) =>
    unreadable.set(events.length, { eventId: null, field: '', message: `the line is not ${message}` });
  let lookedAt = 0;
  for (const line of readLines(body)) {
    if (line?.trim() === '') continue;
    refuseTooMany(events.length + 1);
    let event: unknown;
    if (line === undefined) refuse('UTF-8');
    else {
      try {
        event = parseJsonText(line);
      } catch {
        const isLookedAt = lookedAt + line.length <= MAX_LOOKED_AT;
        if (isLookedAt) lookedAt += line.length;
        const where = isLookedAt ? `: ${describeJsonFault(line)}` : '';
        refuse(`valid JSON${where}`);
      }
    }
    events.push(event);
  }
  return { events, unreadable, single: false };
}

function mapCloudEvents(given: readonly unknown[], single: boolean): EventBody {
  refuseTooMany(given.length);
  const unreadable = new Map<number, Unreadable>();
  const places: Places[] = [];
  const events = given.map((cloudEvent, index) => {
    const carried = fromCloudEvent(cloudEvent);
    if ('event' in carried) {
      places[index] = carried.places;
      return carried.event;
    }
    unreadable.set(index, carried);
    return undefined;
  });
  const placeOf = (index: number, field: string) => placeInCloudEvent(places[index], field);
  return { events, unreadable, single, placeOf };
}
