import { type Price, type PriceScope, scopeKey, scopesOf } from './price.ts';

/** A period and the price in it, or none. Milliseconds; half-open. */
export interface PricePeriod<P> {
  start: number;
  end: number;
  price: P | undefined;
}

/** Finds the price in force among many prices. */
export class PriceBook<P extends Price = Price> {
  readonly #byScope = new Map<string, P[]>();

  constructor(prices: readonly P[]) {
    for (const price of [...prices].sort((a, b) => b.effectiveFrom - a.effectiveFrom)) {
      const key = scopeKey(price);
      const ofScope = this.#byScope.get(key);
      if (ofScope) ofScope.push(price);
      else this.#byScope.set(key, [price]);
    }
  }

  /**
   * The price in force at a moment (milliseconds). The narrowest scope with a price in force decides. Within a scope it
   * is the price that began last, unless that one has ended.
   */
  inForce(wanted: PriceScope, at: number): P | undefined {
    for (const scope of scopesOf(wanted)) {
      const latest = this.#byScope.get(scopeKey(scope))?.find(({ effectiveFrom }) => effectiveFrom <= at);
      if (latest && (latest.effectiveTo === null || at < latest.effectiveTo)) return latest;
    }
    return undefined;
  }

  /** The prices of a scope in a range, in order and without a gap; neighbours differ. */
  periodsIn(wanted: PriceScope, { start, end }: { start: number; end: number }): PricePeriod<P>[] {
    const changes = new Set([start]);
    for (const scope of scopesOf(wanted)) {
      for (const { effectiveFrom, effectiveTo } of this.#byScope.get(scopeKey(scope)) ?? []) {
        for (const at of [effectiveFrom, effectiveTo ?? end]) if (at > start && at < end) changes.add(at);
      }
    }
    const periods: PricePeriod<P>[] = [];
    for (const at of [...changes].sort((a, b) => a - b)) {
      const price = this.inForce(wanted, at);
      const last = periods.at(-1);
      if (last) last.end = at;
      if (!last || last.price !== price) periods.push({ start: at, end, price });
      else last.end = end;
    }
    return periods;
  }
}
