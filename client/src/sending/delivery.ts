import { newEventId } from '../event-id.ts';
import type { StoredEvent } from '../event-types.ts';
import type { DropReason, Rejection, ResolvedOptions } from '../options.ts';
import { type Drops, unref } from './drops.ts';
import { pauseAfter } from './pause.ts';
import { type Attempt, makeBody, type Outcome, post } from './post.ts';
import type { EventQueue, QueuedEvent } from './queue.ts';

/** The service takes no more events in one request. */
const MOST_EVENTS = 10_000;
/** How long to wait, and how often to complain, when the key is refused; milliseconds. */
const DENIED_PAUSE = 60_000;
/** The service refuses events that are further ahead of its clock than 10 minutes; milliseconds. */
const NOTEWORTHY_SKEW = 5 * 60_000;
/** A longer timer ends at once. */
const LONGEST_TIMER = 2 ** 30;

/** What became of events: how many of them the service does not count. */
export type OnSettled = (events: readonly QueuedEvent[], lost: number, fate: Outcome | DropReason) => void;

/**
 * Sends events until the service has answered for each of them. After a failure all of it pauses: what one request is
 * told is true for the others too.
 */
export class Delivery {
  readonly counts = { sent: 0, stored: 0, duplicates: 0, conflicts: 0, rejected: 0, retries: 0 };
  readonly #options: ResolvedOptions;
  readonly #queue: EventQueue;
  readonly #drops: Drops;
  readonly #onSettled: OnSettled;
  readonly #closing = new AbortController();
  #inFlight = 0;
  /** Attempts that failed since the last answer. */
  #failures = 0;
  #pausedUntil = 0;
  #saidDenied = 0;
  #saidSkew = false;

  constructor(options: ResolvedOptions, queue: EventQueue, drops: Drops, onSettled: OnSettled) {
    this.#options = options;
    this.#queue = queue;
    this.#drops = drops;
    this.#onSettled = onSettled;
  }

  /** Sends all that waits, in as many requests at once as may be. Events that come meanwhile go with the next request. */
  send(): void {
    const { maxInFlight, maxBatchBytes } = this.#options;
    while (this.#inFlight < maxInFlight && this.#queue.length > 0 && !this.#closing.signal.aborted) {
      const events = this.#queue.take(MOST_EVENTS, maxBatchBytes);
      this.#inFlight++;
      void this.deliver(events).then(() => {
        this.#inFlight--;
        this.send();
      });
    }
  }

  /** Resolves when the events are settled, or the delivery was stopped. */
  async deliver(events: readonly QueuedEvent[], correlationId = newEventId(Date.now())): Promise<void> {
    const body = await makeBody(events.map(({ text }) => `${text}\n`).join(''));
    for (;;) {
      await this.#untilOpen();
      if (this.#closing.signal.aborted) return;
      const attempt = await post(this.#options, body, correlationId, this.#closing.signal);
      if (this.#closing.signal.aborted && attempt.result === 'failed') return;
      this.#checkClock(attempt.date);
      if (this.#options.debug) console.debug('tidemark:', events.length, 'events', attempt);
      if (attempt.result === 'failed' || attempt.result === 'denied') {
        this.#pause(attempt);
      } else {
        this.#failures = 0;
        if (attempt.result === 'settled') return this.#settle(events, attempt.outcome, correlationId);
        if (attempt.result === 'refused' || events.length === 1) return this.#drop(events, attempt);
        const half = events.length >> 1;
        await this.deliver(events.slice(0, half), correlationId);
        return this.deliver(events.slice(half), correlationId);
      }
    }
  }

  /** Ends all requests. Their events are not settled. */
  stop(): void {
    this.#closing.abort();
  }

  #pause(attempt: Extract<Attempt, { result: 'failed' | 'denied' }>): void {
    const now = Date.now();
    this.counts.retries++;
    this.#failures++;
    if (attempt.result === 'denied') {
      this.#pausedUntil = now + DENIED_PAUSE;
      if (now - this.#saidDenied < DENIED_PAUSE) return;
      this.#saidDenied = now;
      this.#tell(attempt.error, complain);
      return;
    }
    // Jitter above what the service asked for, or all its clients would come back in the same moment.
    const pause = (attempt.retryAfter ?? 0) + pauseAfter(this.#failures);
    this.#pausedUntil = Math.max(this.#pausedUntil, now + pause);
    this.#tell(attempt.error, () => {});
  }

  async #untilOpen(): Promise<void> {
    const { signal } = this.#closing;
    for (;;) {
      const left = this.#pausedUntil - Date.now();
      if (left <= 0 || signal.aborted) return;
      await new Promise<void>((resolve) => {
        const end = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', end);
          resolve();
        };
        const timer = unref(setTimeout(end, Math.min(left, LONGEST_TIMER)));
        signal.addEventListener('abort', end);
      });
    }
  }

  async #settle(events: readonly QueuedEvent[], outcome: Outcome, correlationId: string): Promise<void> {
    const { counts } = this;
    counts.sent += events.length;
    for (const name of ['stored', 'duplicates', 'conflicts', 'rejected'] as const)
      counts[name] += outcome[name];
    const lost = outcome.rejected + outcome.conflicts;
    if (lost > 0) await this.#tellRejections(events, { outcome, lost, correlationId });
    this.#onSettled(events, lost, outcome);
  }

  /** The service names the first 100. Sending the events after them again counts nothing twice, and names the next. */
  async #tellRejections(
    events: readonly QueuedEvent[],
    { outcome, lost, correlationId }: { outcome: Outcome; lost: number; correlationId: string },
  ): Promise<void> {
    const { onRejected } = this.#options;
    if (!onRejected) {
      const [first] = outcome.errors;
      console.warn(`tidemark: ${lost} of ${events.length} events were refused; the first: ${first?.detail}`);
      return;
    }
    let rest = events;
    let { errors } = outcome;
    for (let told = 0; errors.length > 0; ) {
      for (const { index, code, detail } of errors) this.#reject(rest[index], { code, detail });
      told += errors.length;
      if (told >= lost) return;
      rest = rest.slice((errors.at(-1)?.index ?? 0) + 1);
      const body = await makeBody(rest.map(({ text }) => `${text}\n`).join(''));
      const attempt = await post(this.#options, body, correlationId, this.#closing.signal);
      errors = attempt.result === 'settled' ? attempt.outcome.errors : [];
    }
  }

  #reject(event: QueuedEvent | undefined, rejection: Rejection): void {
    if (!event) return;
    try {
      this.#options.onRejected?.(JSON.parse(event.text) as StoredEvent, rejection);
    } catch (error) {
      complain(error);
    }
  }

  #drop(events: readonly QueuedEvent[], { result, error }: { result: string; error: Error }): void {
    const reason = result === 'too_large' ? 'too_large' : 'refused';
    this.#drops.add(events.length, reason);
    this.#onSettled(events, events.length, reason);
    this.#tell(error, complain);
  }

  /** A caller's function that throws must not end the delivery, or its events would stay in memory for ever. */
  #tell(error: Error, otherwise: (error: unknown) => void): void {
    try {
      (this.#options.onError ?? otherwise)(error);
    } catch (thrown) {
      complain(thrown);
    }
  }

  #checkClock(date: string | null): void {
    const skew = Date.now() - Date.parse(date ?? '');
    if (this.#saidSkew || !(Math.abs(skew) > NOTEWORTHY_SKEW)) return;
    this.#saidSkew = true;
    console.warn(`tidemark: the clock here is ${Math.round(skew / 1_000)} s ahead of the service's`);
  }
}

/** Tells people, where the caller gave no function for it. */
export function complain(error: unknown): void {
  console.error(`tidemark: ${error instanceof Error ? error.message : error}`);
}
