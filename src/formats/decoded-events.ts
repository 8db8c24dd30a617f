import { CodedError } from '../errors.ts';
import { MAX_EVENTS } from '../events/max-events.ts';

/** The events that a format finds in some bytes, in the order of the sender. */
export interface DecodedEvents {
  /** As parsed, not checked yet; `undefined` where an event cannot be read. */
  events: unknown[];
  /** Why an event cannot be read, by its index. */
  unreadable: ReadonlyMap<number, UnreadableEvent>;
  /** The bytes held one event, not a list. */
  single: boolean;
  /** The place of an event's field in what was sent, where the format puts it elsewhere. */
  placeOf?(index: number, field: string): string;
  /** The id of an event as it was sent, where the format makes another id of it. */
  sentIdOf?(index: number): string | undefined;
  /** Begins the places that are headers of the request. */
  headerPrefix?: string;
}

export interface UnreadableEvent {
  eventId: string | null;
  /** The field at fault, as it was sent; empty when it is the event as a whole. */
  field: string;
  message: string;
}

/** Reads the body of a request as events. @throws {CodedError} when the body as a whole cannot be read */
export type DecodeBody = (body: Buffer) => DecodedEvents;

/** The body is JSON and holds no events. */
export function notEvents(message: string): CodedError {
  return new CodedError('invalid_request', `The body ${message}.`, { faults: [{ path: '$', message }] });
}

export function refuseTooMany(count: number): void {
  if (count <= MAX_EVENTS) return;
  throw new CodedError('too_large', `One request takes ${MAX_EVENTS} events.`, {
    faults: [{ path: '$', message: `must hold ${MAX_EVENTS} events or fewer` }],
  });
}
