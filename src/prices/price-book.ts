import { type Price, type PriceScope, scopeKey, scopesOf } from './price.ts';

/** A stretch of time with the price of a scope in it, or with none. Milliseconds; half-open. */
export interface PriceStretch<P> {
  start: number;
  end: number;
  price: P | undefined;
}

/** Prices, to be asked which of them was in force. */
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
   * The price of a job at a moment (milliseconds): of the narrowest scope that has one in force. In force is
   * the one of its scope that began last, unless it has ended.
   */
  inForce(job: PriceScope, at: number): P | undefined {
    for (const scope of scopesOf(job)) {
      const latest = this.#byScope.get(scopeKey(scope))?.find(({ effectiveFrom }) => effectiveFrom <= at);
      if (latest && (latest.effectiveTo === null || at < latest.effectiveTo)) return latest;
    }
    return undefined;
  }

  /** The prices of a job through a range, in order and without a gap; neighbours differ. */
  through(job: PriceScope, { start, end }: { start: number; end: number }): PriceStretch<P>[] {
    const changes = new Set([start]);
    for (const scope of scopesOf(job)) {
      for (const { effectiveFrom, effectiveTo } of this.#byScope.get(scopeKey(scope)) ?? []) {
        for (const at of [effectiveFrom, effectiveTo ?? end]) if (at > start && at < end) changes.add(at);
      }
    }
    const stretches: PriceStretch<P>[] = [];
    for (const at of [...changes].sort((a, b) => a - b)) {
      const price = this.inForce(job, at);
      const last = stretches.at(-1);
      if (last) last.end = at;
      if (!last || last.price !== price) stretches.push({ start: at, end, price });
      else last.end = end;
    }
    return stretches;
  }
}
