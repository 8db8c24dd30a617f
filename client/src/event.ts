import type { StoredEvent } from './event-types.ts';

type Distributed<Event> = Event extends StoredEvent
  ? Omit<Event, 'eventId' | 'orgId' | 'occurredAt'> & {
      /** Default: a new id. An id of your own, such as that of the provider's answer, makes the event count once. */
      eventId?: string;
      /** Default: the org of the client. */
      orgId?: string;
      /** Default: now. */
      occurredAt?: string | number | Date;
    }
  : never;

/** An event as `track()` takes it. The client adds the id, the org and the time. */
export type TrackedEvent = Distributed<StoredEvent>;

/** The tracked event of one type, such as `EventOf<'order'>`. */
export type EventOf<Type extends NonNullable<StoredEvent['type']>> = Extract<
  TrackedEvent,
  { type?: Type | undefined }
>;

/** What wrappers and middleware need of a client. */
export interface Tracker {
  track(event: TrackedEvent): void;
}
