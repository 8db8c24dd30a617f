/** A period and the price in it, or none. Milliseconds; half-open. */
export interface PricePeriod<P> {
  start: number;
  end: number;
  price: P | undefined;
}

interface Dated {
  effectiveFrom: number;
  effectiveTo: number | null;
}

/**
 * The prices of a range, in order and without a gap; neighbours differ. Pure.
 * @param candidates the prices that may be in force, whose dates are the only moments at which the price changes
 * @param inForce the price at a moment
 */
export function pricePeriods<P>(
  { start, end }: { start: number; end: number },
  candidates: Iterable<Dated>,
  inForce: (at: number) => P | undefined,
): PricePeriod<P>[] {
  const changes = new Set([start]);
  for (const { effectiveFrom, effectiveTo } of candidates) {
    for (const at of [effectiveFrom, effectiveTo ?? end]) if (at > start && at < end) changes.add(at);
  }
  const periods: PricePeriod<P>[] = [];
  for (const at of [...changes].sort((a, b) => a - b)) {
    const price = inForce(at);
    const last = periods.at(-1);
    if (last) last.end = at;
    if (!last || last.price !== price) periods.push({ start: at, end, price });
    else last.end = end;
  }
  return periods;
}
