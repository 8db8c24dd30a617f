import type { RecordAudit } from '../auth/audit.ts';
import type { Caller } from '../auth/caller.ts';
import type { Clock } from '../time.ts';

/** Who puts prices into a table, and when. */
export interface PutOptions {
  clock: Clock;
  caller: Caller;
  /** Records each change. An import has one entry for all of them, and gives none. */
  audit?: RecordAudit;
}

/** What a price that is put into a table changes. */
export type PriceChange = 'added' | 'changed' | 'unchanged';

/** A price that is put into a table, and the one that it replaces. */
export interface PlannedPut<P, S> {
  price: P;
  before: S | undefined;
  change: PriceChange;
}

interface Comparison<P> {
  /** The scope and the start of a price. Another price in that place replaces it. */
  placeOf(price: P): string;
  /** Whether two prices in one place are the same. */
  isEqual(a: P, b: P): boolean;
}

/**
 * What each price would change if it were put into a table. A price replaces the one in its place; an equal price changes
 * nothing. Pure.
 */
export function planPuts<P, S extends P>(
  stored: readonly S[],
  prices: readonly P[],
  { placeOf, isEqual }: Comparison<P>,
): PlannedPut<P, S>[] {
  const byPlace = new Map(stored.map((price) => [placeOf(price), price]));
  return prices.map((price) => {
    const before = byPlace.get(placeOf(price));
    const change = !before ? 'added' : isEqual(before, price) ? 'unchanged' : 'changed';
    return { price, before, change };
  });
}
