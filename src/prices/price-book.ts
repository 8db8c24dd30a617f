import { type Price, type PriceScope, scopeKey, scopesOf } from './price.ts';
import { type PricePeriod, pricePeriods } from './price-periods.ts';

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
  periodsIn(wanted: PriceScope, range: { start: number; end: number }): PricePeriod<P>[] {
    const candidates = scopesOf(wanted).flatMap((scope) => this.#byScope.get(scopeKey(scope)) ?? []);
    return pricePeriods(range, candidates, (at) => this.inForce(wanted, at));
  }
}
