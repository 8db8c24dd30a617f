import { MINUTE, SECOND } from '../time.ts';

/** After so many failures in a row a destination is held back. */
const HELD_AFTER = 3;
/** The first hold. Each further failure doubles it. */
const FIRST_HOLD = 5 * SECOND;
/** A destination that works again gets its next attempt within this time. */
const LONGEST_HOLD = MINUTE;
/** Above so many failing destinations, those are forgotten that nobody has tried for a while. */
const MANY = 1_000;

interface Breaker {
  failuresInARow: number;
  /** Milliseconds. */
  heldUntil: number;
}

/** A hold that has just begun. */
export interface Hold {
  failuresInARow: number;
  /** Milliseconds. */
  until: number;
}

/**
 * Holds back destinations that fail again and again, each for growing times. After a hold one attempt at a time is made,
 * until one succeeds. The breakers are kept in this process; all times are milliseconds.
 */
export class Breakers {
  readonly #chance: () => number;
  readonly #breakers = new Map<string, Breaker>();

  /** @param chance a random number in `[0, 1)`: up to half of a hold is taken off, so that not all end together */
  constructor(chance: () => number = Math.random) {
    this.#chance = chance;
  }

  /** The destinations that are held back now. */
  held(now: number): string[] {
    return [...this.#breakers.keys()].filter((key) => this.attempts(key, now, 1) === 0);
  }

  /** How many attempts at a time a destination may have, `usual` of them if it does not fail. */
  attempts(key: string, now: number, usual: number): number {
    const breaker = this.#breakers.get(key);
    if (breaker === undefined || breaker.failuresInARow < HELD_AFTER) return usual;
    return isHeld(breaker, now) ? 0 : 1;
  }

  /**
   * Counts a failed attempt, unless an earlier failure has begun a hold since.
   * @param began when the attempt began
   * @returns the hold that begins with this failure, if one does
   */
  failed(key: string, began: number, now: number): Hold | undefined {
    const breaker = this.#breakers.get(key) ?? { failuresInARow: 0, heldUntil: 0 };
    if (isHeld(breaker, began) || isHeld(breaker, now)) return undefined;
    const failuresInARow = breaker.failuresInARow + 1;
    const doubled = Math.min(LONGEST_HOLD, FIRST_HOLD * 2 ** (failuresInARow - HELD_AFTER));
    const until = failuresInARow < HELD_AFTER ? now : now + doubled * (1 - this.#chance() / 2);
    this.#breakers.set(key, { failuresInARow, heldUntil: until });
    if (this.#breakers.size > MANY) this.#forget(now);
    return failuresInARow < HELD_AFTER ? undefined : { failuresInARow, until };
  }

  /** The destination has answered: its failures are forgotten. */
  answered(key: string): void {
    this.#breakers.delete(key);
  }

  #forget(now: number): void {
    for (const [key, { heldUntil }] of this.#breakers) {
      if (heldUntil < now - 10 * LONGEST_HOLD) this.#breakers.delete(key);
    }
  }
}

/** A hold that ends later than the longest one can is from before the clock was set back. */
function isHeld({ heldUntil }: Breaker, now: number): boolean {
  return now < heldUntil && heldUntil - now <= LONGEST_HOLD;
}
