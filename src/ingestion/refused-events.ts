import type { Fault } from '../errors.ts';
import { MAX_ID_LENGTH } from '../events/read-envelope.ts';

/** Why one event was not stored. */
export interface EventError {
  /** Its place in what the caller sent. */
  index: number;
  eventId: string | null;
  /** `invalid`, `forbidden`, `quota_exceeded` or `conflict`. */
  code: string;
  detail: string;
}

function sentId(event: unknown): string | null {
  const id = (event as { eventId?: unknown } | null)?.eventId;
  return typeof id === 'string' ? id.slice(0, MAX_ID_LENGTH) : null;
}

function describe(faults: readonly Fault[]): string {
  return faults.map((fault) => `${fault.path.replace(/^\$\.?/, '') || 'event'} ${fault.message}`).join('; ');
}

/** The events of a submission that are refused before any is stored. All are counted, the first are described. */
export class RefusedEvents {
  readonly errors: EventError[];
  readonly #limit: number;
  count: number;

  /**
   * @param unread events that the caller could not read
   * @param limit the most that are described, of those and of the added ones
   */
  constructor(unread: readonly EventError[], limit: number) {
    this.count = unread.length;
    this.#limit = Math.min(unread.length, limit) + limit;
    this.errors = unread.slice(0, limit);
  }

  /**
   * @param why the faults of the event, or a sentence
   * @returns the description, if it is one of the first
   */
  add(index: number, event: unknown, code: string, why: readonly Fault[] | string): EventError | undefined {
    this.count++;
    if (this.errors.length >= this.#limit) return undefined;
    const detail = typeof why === 'string' ? why : describe(why);
    const error = { index, eventId: sentId(event), code, detail };
    this.errors.push(error);
    return error;
  }
}
