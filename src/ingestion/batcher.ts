import { CodedError } from '../errors.ts';
import { SharedCapacity } from '../shares/capacity.ts';
import { chooseBatch, ENOUGH_EVENTS, type OwnerKind } from './choose-batch.ts';
import type { EncodedSubmission, Source } from './store-batch.ts';

interface BatcherOptions {
  /** Stores submissions in one transaction. Their events have their results when it resolves. */
  flush(submissions: readonly EncodedSubmission[]): Promise<void>;
  /** The number of events at which a batch is full. A submission is never split. */
  batchSize: number;
  /** Milliseconds that a submission waits for others while a worker is free. */
  batchTimeout: number;
  /** The most flushes at the same time. */
  workers: number;
  /**
   * The most events in memory, waiting or being stored. An owner holds at most as many as are still free for others.
   * Beyond that its callers are asked to try again later.
   */
  maxEvents: number;
}

/** Milliseconds for which a writer is kept free for light owners after a second owner has sent events. */
const SHARED_FOR = 5_000;

/** The owner of the service's reports on itself. */
export const OWN_REPORTS: Source = 'self';

interface Waiting {
  submission: EncodedSubmission;
  done(): void;
  failed(error: unknown): void;
}

/**
 * Gathers submissions of many callers into batches, by size or age. Submissions that arrive while every worker is busy
 * form the next batch, so batches grow with the load.
 */
export class Batcher {
  readonly #options: BatcherOptions;
  readonly #held: SharedCapacity;
  #waiting: Waiting[] = [];
  #waitingEvents = 0;
  #busy = 0;
  #next: OwnerKind = 'light';
  #lastOwner = '';
  #sharedUntil = 0;
  #timer: NodeJS.Timeout | undefined;
  #draining = false;
  #idle: (() => void)[] = [];

  constructor(options: BatcherOptions) {
    this.#options = options;
    this.#held = new SharedCapacity(options.maxEvents);
  }

  /** Events held in memory. */
  get depth(): number {
    return this.#held.total;
  }

  /**
   * Reserves room for the events of one submission, which the caller must then store or release.
   * @param owner the org, key or source that the events count for
   * @throws {CodedError} `overloaded`, or `unavailable` once draining
   */
  admit(owner: string, events: number): void {
    if (this.#draining)
      throw new CodedError('unavailable', 'the service is stopping; send the events again', {
        retryAfterSeconds: 5,
      });
    // A submission larger than the bound is admitted when nothing else waits; otherwise it never would be.
    if (this.#held.total > 0 && !this.#held.hasRoom(owner, events)) {
      throw new CodedError(
        'overloaded',
        'too many of your events are waiting to be stored; send these again later',
        {
          retryAfterSeconds: 1,
        },
      );
    }
    this.#held.hold(owner, events);
    // The service's own reports are no second sender: one org alone may use every writer.
    if (owner === OWN_REPORTS) return;
    if (owner !== this.#lastOwner && this.#lastOwner !== '')
      this.#sharedUntil = performance.now() + SHARED_FOR;
    this.#lastOwner = owner;
  }

  /** Gives back the room of events that will not be stored after all. */
  release(owner: string, events: number): void {
    this.#held.release(owner, events);
    if (this.#isIdle) for (const idle of this.#idle.splice(0)) idle();
  }

  /** Stores an admitted submission. Resolves once its events are committed and have their results. */
  store(submission: EncodedSubmission): Promise<void> {
    this.#waitingEvents += submission.received;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ submission, done: resolve, failed: reject });
      this.#schedule();
    });
  }

  /** Refuses new submissions. Resolves when all admitted ones are stored or have failed. */
  async drain(): Promise<void> {
    this.#draining = true;
    this.#schedule();
    if (this.#isIdle) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #schedule(): void {
    // With enough events, a free worker does not wait for more.
    while (this.#hasFreeWorker && this.#waitingEvents >= ENOUGH_EVENTS) if (!this.#start()) return;
    if (this.#waiting.length === 0 || !this.#hasFreeWorker) return;
    if (this.#draining) this.#start();
    else this.#timer ??= setTimeout(() => this.#onAge(), this.#options.batchTimeout);
  }

  // A submission without events counts too, so the number of events alone does not say whether it is idle.
  get #isIdle(): boolean {
    return this.#held.total === 0 && this.#waiting.length === 0 && this.#busy === 0;
  }

  get #hasFreeWorker(): boolean {
    return this.#busy < this.#options.workers;
  }

  #onAge(): void {
    this.#timer = undefined;
    if (this.#waiting.length > 0 && this.#hasFreeWorker) this.#start();
  }

  /** Whether the last free writer is kept for light owners, as several owners send events. */
  get #keepsOneFree(): boolean {
    const { workers } = this.#options;
    return workers > 1 && this.#busy === workers - 1 && performance.now() < this.#sharedUntil;
  }

  /** Starts a batch, unless the free writer is kept for others. Whether it did. */
  #start(): boolean {
    const batch = this.#take();
    if (batch === undefined) return false;
    this.#busy++;
    void this.#run(batch).finally(() => {
      this.#busy--;
      // Submissions that arrived while every worker was busy do not wait any longer.
      if (this.#waiting.length > 0) this.#start();
      for (const { submission } of batch) this.release(submission.owner, submission.received);
    });
    return true;
  }

  /** Takes the next batch from the queue. Light and heavy owners take turns, so that neither waits for long. */
  #take(): Waiting[] | undefined {
    const { batchSize } = this.#options;
    const chosen = chooseBatch(this.#waiting, {
      batchSize,
      first: this.#next,
      lightOnly: this.#keepsOneFree,
    });
    if (chosen === undefined) return undefined;
    this.#next = chosen.kind === 'light' ? 'heavy' : 'light';
    this.#waiting = chosen.rest;
    for (const { submission } of chosen.batch) this.#waitingEvents -= submission.received;
    return chosen.batch;
  }

  async #run(batch: readonly Waiting[]): Promise<void> {
    try {
      await this.#options.flush(batch.map((waiting) => waiting.submission));
      for (const waiting of batch) waiting.done();
    } catch (error) {
      // An error of one submission must not fail the others, so each is tried alone. A coded error is of the database
      // and fails all.
      if (batch.length > 1 && !(error instanceof CodedError))
        for (const waiting of batch) await this.#run([waiting]);
      else for (const waiting of batch) waiting.failed(error);
    }
  }
}
