import { SECOND } from '../time.ts';

/** An owner counts as active for so long after it has begun something. */
const ACTIVE_FOR = 5 * SECOND;

interface Waiting {
  amount: number;
  start(): void;
}

interface Owned {
  held: number;
  /** The oldest first. */
  queue: Waiting[];
}

/**
 * Limits what one owner has in flight while others are active, too. The rest of it waits in the order of arrival. An owner
 * that is alone has no limit. What is larger than the limit starts when nothing else of its owner is in flight.
 */
export class InFlightLimit {
  readonly #limit: number;
  readonly #now: () => number;
  readonly #owners = new Map<string, Owned>();
  #lastOwner: string | undefined;
  #sharedUntil = Number.NEGATIVE_INFINITY;

  /**
   * @param limit the most that an owner has in flight beside others, in the unit of the amounts
   * @param now milliseconds of a clock that is not set back
   */
  constructor(limit: number, now: () => number = () => performance.now()) {
    this.#limit = limit;
    this.#now = now;
  }

  /** Notes that an owner does something, also something that the limit does not count. */
  noteActive(owner: string): void {
    if (this.#lastOwner !== undefined && owner !== this.#lastOwner)
      this.#sharedUntil = this.#now() + ACTIVE_FOR;
    this.#lastOwner = owner;
  }

  /**
   * Waits until the owner may have so much more in flight.
   * @returns a function that ends it; a second call does nothing
   */
  async enter(owner: string, amount: number): Promise<() => void> {
    this.noteActive(owner);
    const owned = this.#owners.get(owner) ?? { held: 0, queue: [] };
    this.#owners.set(owner, owned);
    if (owned.queue.length === 0 && this.#hasRoom(owned, amount)) owned.held += amount;
    else await new Promise<void>((start) => owned.queue.push({ amount, start }));
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      owned.held -= amount;
      this.#startWaiting(owned);
      if (owned.held === 0 && owned.queue.length === 0) this.#owners.delete(owner);
    };
  }

  #hasRoom({ held }: Owned, amount: number): boolean {
    return held === 0 || held + amount <= this.#limit || this.#now() >= this.#sharedUntil;
  }

  #startWaiting(owned: Owned): void {
    for (let next = owned.queue[0]; next && this.#hasRoom(owned, next.amount); next = owned.queue[0]) {
      owned.queue.shift();
      owned.held += next.amount;
      next.start();
    }
  }
}
