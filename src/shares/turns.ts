import { CodedError } from '../errors.ts';

interface TurnsOptions {
  /** Turns at the same time, of all owners together. */
  places: number;
  /** Turns of one owner at the same time. */
  placesOfOne: number;
  /** How many of one owner may wait. */
  waitingOfOne: number;
  /** The longest wait, in milliseconds. */
  patience: number;
  /** The message for an owner whose queue is full, and for one who waited in vain. */
  refusal: string;
}

interface Waiting {
  start(): void;
  giveUp(error: unknown): void;
}

/**
 * Gives turns to owners who share a few places. An owner takes some of the places at most. The others wait in a queue of
 * their owner, and a free place goes to the owners in rotation, so a long queue delays its own owner alone.
 */
export class Turns {
  readonly #options: TurnsOptions;
  readonly #busy = new Map<string, number>();
  /** In the order of the rotation: an owner that got a turn goes to the end. */
  readonly #queues = new Map<string, Waiting[]>();
  #taken = 0;

  constructor(options: TurnsOptions) {
    this.#options = options;
  }

  /** How many wait, of all owners together. */
  get waiting(): number {
    let sum = 0;
    for (const queue of this.#queues.values()) sum += queue.length;
    return sum;
  }

  /**
   * Waits for a turn of the owner.
   * @param signal ends the wait
   * @returns a function that ends the turn; a second call does nothing
   * @throws {CodedError} `rate_limited` when too many of the owner wait, `overloaded` after the patience
   */
  async take(owner: string, signal?: AbortSignal): Promise<() => void> {
    if (this.#mayStart(owner)) this.#start(owner);
    else await this.#wait(owner, signal);
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      this.#end(owner);
    };
  }

  #mayStart(owner: string): boolean {
    return this.#taken < this.#options.places && (this.#busy.get(owner) ?? 0) < this.#options.placesOfOne;
  }

  #start(owner: string): void {
    this.#taken++;
    this.#busy.set(owner, (this.#busy.get(owner) ?? 0) + 1);
  }

  #end(owner: string): void {
    this.#taken--;
    const left = (this.#busy.get(owner) ?? 1) - 1;
    if (left === 0) this.#busy.delete(owner);
    else this.#busy.set(owner, left);
    this.#startNext();
  }

  #startNext(): void {
    for (const [owner, queue] of this.#queues) {
      if (!this.#mayStart(owner)) continue;
      const next = queue.shift();
      this.#queues.delete(owner);
      if (queue.length > 0) this.#queues.set(owner, queue);
      if (next === undefined) continue;
      this.#start(owner);
      next.start();
      return;
    }
  }

  async #wait(owner: string, signal: AbortSignal | undefined): Promise<void> {
    const { waitingOfOne, patience, refusal } = this.#options;
    const queue = this.#queues.get(owner) ?? [];
    if (queue.length >= waitingOfOne) throw new CodedError('rate_limited', refusal, { retryAfterSeconds: 1 });
    await new Promise<void>((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      };
      const waiting: Waiting = {
        start: () => {
          settle();
          resolve();
        },
        giveUp: (error) => {
          settle();
          this.#leave(owner, waiting);
          reject(error);
        },
      };
      const abort = (): void => waiting.giveUp(signal?.reason);
      const timer = setTimeout(
        () => waiting.giveUp(new CodedError('overloaded', refusal, { retryAfterSeconds: 1 })),
        patience,
      );
      signal?.addEventListener('abort', abort);
      queue.push(waiting);
      this.#queues.set(owner, queue);
    });
  }

  #leave(owner: string, waiting: Waiting): void {
    const queue = this.#queues.get(owner);
    const at = queue?.indexOf(waiting) ?? -1;
    if (queue === undefined || at === -1) return;
    queue.splice(at, 1);
    if (queue.length === 0) this.#queues.delete(owner);
  }
}
