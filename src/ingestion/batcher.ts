import { CodedError } from '../errors.ts';
import type { EncodedEvent } from './encoded-events.ts';
import type { Outcome } from './ledger.ts';
import type { Parcel } from './store-batch.ts';

interface BatcherOptions {
  /** Stores the parcels in one transaction. */
  flush(parcels: readonly Parcel[]): Promise<ReadonlyMap<EncodedEvent, Outcome>>;
  /** Events at which a batch is full. A parcel is never split. */
  batchSize: number;
  /** Milliseconds a parcel waits for others while a flush could start. */
  batchTimeout: number;
  /** Flushes under way at once. */
  workers: number;
  /** Events held in memory, waiting or being stored; beyond it callers are told to come back. */
  maxEvents: number;
}

/** Events worth a transaction of their own: a free worker does not wait for more. */
const ENOUGH_EVENTS = 500;

interface Waiting {
  parcel: Parcel;
  done(outcomes: ReadonlyMap<EncodedEvent, Outcome>): void;
  failed(error: unknown): void;
}

/**
 * Gathers parcels of many callers into batches, by size or age. While every worker is busy, what arrives
 * gathers into the next batch, so batches grow with the load.
 */
export class Batcher {
  readonly #options: BatcherOptions;
  #waiting: Waiting[] = [];
  #waitingEvents = 0;
  #heldEvents = 0;
  #busy = 0;
  #timer: NodeJS.Timeout | undefined;
  #draining = false;
  #idle: (() => void)[] = [];

  constructor(options: BatcherOptions) {
    this.#options = options;
  }

  /** Events held in memory. */
  get depth(): number {
    return this.#heldEvents;
  }

  /**
   * Makes room for so many events, which the caller must then hand in as one parcel.
   * @throws {CodedError} `overloaded`, or `unavailable` once draining
   */
  admit(events: number): void {
    if (this.#draining)
      throw new CodedError('unavailable', 'the service is stopping', { retryAfterSeconds: 5 });
    // A submission larger than the bound must get in when nothing else is waiting, or it never would.
    if (this.#heldEvents > 0 && this.#heldEvents + events > this.#options.maxEvents) {
      throw new CodedError('overloaded', 'too many events are waiting to be stored', {
        retryAfterSeconds: 1,
      });
    }
    this.#heldEvents += events;
  }

  /** Gives back the room of events that will not be handed in after all. */
  release(events: number): void {
    this.#heldEvents -= events;
    if (this.#isIdle) for (const idle of this.#idle.splice(0)) idle();
  }

  /** What became of each event of an admitted parcel, once it is committed. */
  store(parcel: Parcel): Promise<ReadonlyMap<EncodedEvent, Outcome>> {
    this.#waitingEvents += parcel.received;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ parcel, done: resolve, failed: reject });
      this.#schedule();
    });
  }

  /** Refuses what comes from now on, and returns when all that was accepted has been stored or refused. */
  async drain(): Promise<void> {
    this.#draining = true;
    this.#schedule();
    if (this.#isIdle) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #schedule(): void {
    while (this.#hasFreeWorker && this.#waitingEvents >= ENOUGH_EVENTS) this.#start();
    if (this.#waiting.length === 0 || !this.#hasFreeWorker) return;
    if (this.#draining) this.#start();
    else this.#timer ??= setTimeout(() => this.#onAge(), this.#options.batchTimeout);
  }

  // A parcel may hold no events, and is waited for all the same.
  get #isIdle(): boolean {
    return this.#heldEvents === 0 && this.#waiting.length === 0 && this.#busy === 0;
  }

  get #hasFreeWorker(): boolean {
    return this.#busy < this.#options.workers;
  }

  #onAge(): void {
    this.#timer = undefined;
    if (this.#waiting.length > 0 && this.#hasFreeWorker) this.#start();
  }

  #start(): void {
    const batch = this.#take();
    this.#busy++;
    void this.#run(batch).finally(() => {
      this.#busy--;
      // What gathered while every worker was busy has waited long enough.
      if (this.#waiting.length > 0) this.#start();
      for (const { parcel } of batch) this.release(parcel.received);
    });
  }

  /** The oldest parcels of one source, up to a full batch. */
  #take(): Waiting[] {
    const source = this.#waiting[0]?.parcel.source;
    const batch: Waiting[] = [];
    const rest: Waiting[] = [];
    let events = 0;
    for (const waiting of this.#waiting) {
      if (waiting.parcel.source === source && events < this.#options.batchSize) {
        batch.push(waiting);
        events += waiting.parcel.received;
      } else rest.push(waiting);
    }
    this.#waiting = rest;
    this.#waitingEvents -= events;
    return batch;
  }

  async #run(batch: readonly Waiting[]): Promise<void> {
    try {
      const outcomes = await this.#options.flush(batch.map((waiting) => waiting.parcel));
      for (const waiting of batch) waiting.done(outcomes);
    } catch (error) {
      // What is wrong with one parcel must not fail the others; what is wrong with the database fails all.
      if (batch.length > 1 && !(error instanceof CodedError))
        for (const waiting of batch) await this.#run([waiting]);
      else for (const waiting of batch) waiting.failed(error);
    }
  }
}
