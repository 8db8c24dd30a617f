import { currentCorrelationId } from './correlation.ts';
import type { EventOf, TrackedEvent, Tracker } from './event.ts';
import { newEventId } from './event-id.ts';
import { type JobRun, runJob } from './ml-job.ts';
import { type DropReason, type ResolvedOptions, resolveOptions, type TidemarkOptions } from './options.ts';
import { forgetClient, untilProcessEnds } from './process-end.ts';
import { complain, Delivery } from './sending/delivery.ts';
import { Drops, unref } from './sending/drops.ts';
import type { Outcome } from './sending/post.ts';
import { EventQueue, type QueuedEvent } from './sending/queue.ts';

export type { EventOf, TrackedEvent, Tracker } from './event.ts';
export type * from './event-types.ts';
export type { JobRun } from './ml-job.ts';
export type { DropReason, Rejection, TidemarkOptions } from './options.ts';

/** Events by what became of them. All that was tracked is in `queued`, `sent` or `dropped`. */
export interface Stats {
  /** In memory: they wait, or are on their way. */
  queued: number;
  /** The service has answered for them: stored, duplicates, conflicts and rejected. */
  sent: number;
  stored: number;
  /** Were stored before, and count once. */
  duplicates: number;
  /** Have the id of an earlier event with other content. */
  conflicts: number;
  rejected: number;
  /** Never reached the service; `onDrop` was told of each. */
  dropped: number;
  /** Attempts that were made again. */
  retries: number;
}

/** What became of the event of `trackNow()`. */
export type Tracked =
  | { outcome: 'stored' | 'duplicate' }
  | { outcome: 'conflict' | 'rejected'; reason: string }
  | { outcome: 'dropped'; reason: DropReason | 'disabled' };

/** Some events were not stored in time. */
export class NotStored extends Error {
  override readonly name = 'NotStored';
}

const encoder = new TextEncoder();

interface Waiting {
  upTo: number;
  left: number;
  lost: number;
  end: () => void;
}

/**
 * Sends events to Tidemark. An event gets its id when it is tracked and keeps it over every attempt, so the service counts
 * it once. Events wait in memory, in a bounded queue; what does not fit is dropped and told.
 */
export class Tidemark implements Tracker {
  readonly #options: ResolvedOptions;
  readonly #queue: EventQueue;
  readonly #drops: Drops;
  readonly #delivery: Delivery;
  readonly #told = new Map<number, (fate: Outcome | DropReason) => void>();
  readonly #waiting = new Set<Waiting>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The number of the last event that was accepted. */
  #sequence = 0;
  /** Accepted and not settled. */
  #unsettled = 0;
  #idleAt = -1;
  #burst = false;
  #closed: Promise<Stats> | undefined;
  readonly #ending = {
    onIdle: () => this.#onIdle(),
    onExit: () => this.#abandon('exit'),
    close: () => this.close(),
  };

  /** @throws TypeError that names the option and what it has to be */
  constructor(options: TidemarkOptions) {
    this.#options = resolveOptions(options);
    const { onDrop = warnOfDrop, maxQueueBytes, disabled, handleSignals = false } = this.#options;
    this.#queue = new EventQueue(maxQueueBytes);
    this.#drops = new Drops((count, reason) => guarded(() => onDrop(count, reason)));
    this.#delivery = new Delivery(this.#options, this.#queue, this.#drops, (...settled) =>
      this.#settle(...settled),
    );
    if (!disabled) untilProcessEnds(this.#ending, handleSignals);
  }

  /** Takes an event along. Returns at once and never throws. */
  track(event: TrackedEvent): void {
    if (this.#options.disabled) return;
    const queued = this.#accept(event, (each) => this.#queue.add(each));
    if (typeof queued === 'string') this.#drops.add(1, queued);
    else this.#schedule();
  }

  /** Sends one event now, and resolves when the service has answered for it. Never rejects. */
  trackNow(event: TrackedEvent): Promise<Tracked> {
    if (this.#options.disabled) return Promise.resolve({ outcome: 'dropped', reason: 'disabled' });
    // In a request of its own, whose answer is about this event alone.
    const queued = this.#accept(event, (each) => this.#queue.reserve(each));
    if (typeof queued === 'string') {
      this.#drops.add(1, queued);
      return Promise.resolve({ outcome: 'dropped', reason: queued });
    }
    return new Promise((resolve) => {
      this.#told.set(queued.sequence, (fate) => resolve(trackedAs(fate)));
      void this.#delivery.deliver([queued]);
    });
  }

  /** Tracks an order. The service counts its completion once, however often it is reported. */
  order(order: Omit<EventOf<'order'>, 'type'>): void {
    this.track({ ...order, type: 'order' });
  }

  /**
   * Runs a job and tracks it with its duration and status. Gives back what `run` returns or throws.
   * @param run may add to the event what it learns, such as tokens: `(job) => { job.inputTokens = 812; … }`
   */
  mlJob<T>(job: JobRun, run: (job: JobRun) => Promise<T>): Promise<T> {
    return runJob(this, job, run);
  }

  /**
   * Sends everything that was tracked so far.
   * @param timeout milliseconds; default `shutdownTimeout`
   * @throws {NotStored} when some of it was not stored by then
   */
  flush(timeout: number = this.#options.shutdownTimeout): Promise<void> {
    if (this.#unsettled === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const total = this.#unsettled;
      const waiting: Waiting = { upTo: this.#sequence, left: total, lost: 0, end: () => end() };
      const end = () => {
        clearTimeout(timer);
        this.#waiting.delete(waiting);
        const { left, lost } = waiting;
        if (left + lost === 0) resolve();
        else
          reject(
            new NotStored(
              `${left + lost} of ${total} events were not stored: ${lost} refused or dropped, ${left} still waiting`,
            ),
          );
      };
      // Not unref'd: who awaits this keeps the process alive for so long.
      const timer = setTimeout(end, timeout);
      this.#waiting.add(waiting);
      this.#sendNow();
    });
  }

  /** Sends what waits, for at most `shutdownTimeout`, and takes no more events. Never rejects, and never hangs. */
  close(): Promise<Stats> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close().then(() => {});
  }

  get stats(): Stats {
    return { queued: this.#unsettled, ...this.#delivery.counts, dropped: this.#drops.total };
  }

  /** @param hold takes the event in, or returns `false` if there is no room for it */
  #accept(event: TrackedEvent, hold: (queued: QueuedEvent) => boolean): QueuedEvent | DropReason {
    if (this.#closed !== undefined) return 'closed';
    let text: string;
    try {
      text = JSON.stringify(completed(event, this.#options));
    } catch {
      return 'not_json';
    }
    const queued = { text, bytes: encoder.encode(text).length + 1, sequence: this.#sequence + 1 };
    if (queued.bytes > this.#options.maxBatchBytes) return 'too_large';
    if (!hold(queued)) return 'queue_full';
    this.#sequence++;
    this.#unsettled++;
    return queued;
  }

  #schedule(): void {
    const { flushAt, flushInterval, maxBatchBytes, waitUntil } = this.#options;
    if (waitUntil && !this.#burst) this.#keepAlive(waitUntil);
    if (this.#queue.length >= flushAt || this.#queue.waitingBytes >= maxBatchBytes) this.#sendNow();
    else this.#timer ??= unref(setTimeout(() => this.#sendNow(), flushInterval));
  }

  #sendNow(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#delivery.send();
  }

  /** One promise for all that is tracked until it ends. */
  #keepAlive(waitUntil: (sent: Promise<unknown>) => void): void {
    this.#burst = true;
    // The code that tracks first, which may track more.
    const sent = Promise.resolve()
      .then(() => this.flush())
      .catch(() => {})
      .finally(() => {
        this.#burst = false;
      });
    guarded(() => waitUntil(sent));
  }

  #settle(events: readonly QueuedEvent[], lost: number, fate: Outcome | DropReason): void {
    this.#queue.settle(events);
    this.#unsettled -= events.length;
    for (const { sequence } of events) {
      this.#told.get(sequence)?.(fate);
      this.#told.delete(sequence);
    }
    for (const waiting of this.#waiting) {
      const own = events.filter(({ sequence }) => sequence <= waiting.upTo).length;
      waiting.left -= own;
      waiting.lost += Math.min(own, lost);
      if (waiting.left === 0) waiting.end();
    }
  }

  async #close(): Promise<Stats> {
    // After `#closed` is set, so nothing is tracked meanwhile.
    await Promise.resolve();
    await this.flush().catch(() => {});
    this.#delivery.stop();
    this.#abandon('closed');
    clearTimeout(this.#timer);
    forgetClient(this.#ending);
    return this.stats;
  }

  /** Drops what is not settled. The service may have stored some of it without our knowing. */
  #abandon(reason: DropReason): void {
    this.#drops.add(this.#unsettled, reason);
    this.#unsettled = 0;
    this.#drops.tell();
    for (const tell of this.#told.values()) tell(reason);
    this.#told.clear();
    for (const { end } of this.#waiting) end();
  }

  /** Only once for the same events, or a service that is away would keep the process alive for ever. */
  #onIdle(): Promise<unknown> {
    if (this.#unsettled === 0 || this.#idleAt === this.#sequence) return Promise.resolve();
    this.#idleAt = this.#sequence;
    return this.flush().catch(() => {});
  }
}

/** With the fields that the caller may leave out. */
function completed(event: TrackedEvent, { org, source }: ResolvedOptions): object {
  const now = Date.now();
  const { type = 'usage' } = event;
  const full: Record<string, unknown> = {
    ...event,
    type,
    eventId: event.eventId ?? newEventId(now),
    orgId: event.orgId ?? org,
    occurredAt: event.occurredAt ?? new Date(now).toISOString(),
    correlationId: event.correlationId ?? currentCorrelationId(),
  };
  if (type === 'usage' || type === 'api_request') full.clientId ??= source;
  if (type === 'error') full.service ??= source;
  return full;
}

function trackedAs(fate: Outcome | DropReason): Tracked {
  if (typeof fate === 'string') return { outcome: 'dropped', reason: fate };
  const reason = fate.errors[0]?.detail ?? '';
  if (fate.rejected > 0) return { outcome: 'rejected', reason };
  if (fate.conflicts > 0) return { outcome: 'conflict', reason };
  return { outcome: fate.stored > 0 ? 'stored' : 'duplicate' };
}

function warnOfDrop(count: number, reason: DropReason): void {
  console.warn(`tidemark: ${count} events were dropped: ${reason}`);
}

/** What a caller's function throws is told, and stops nothing. */
function guarded(call: () => void): void {
  try {
    call();
  } catch (error) {
    complain(error);
  }
}
