import { type PriceScope, scopeKey } from '../../prices/price.ts';

/** What a repricing changes of the jobs of a provider, pipeline and operation that do not say what they cost. */
export interface PriceDifference extends PriceScope {
  jobs: number;
  /** Jobs whose cost changes, or becomes known or unknown. */
  changed: number;
  /** Ten-thousandths of a cent. */
  before: number;
  after: number;
  unpricedBefore: number;
  unpricedAfter: number;
  /** Of these jobs, how many are left in rollups alone: their costs are worked out of sums. */
  fromSums: number;
}

/** The same as a statement finds it of some days. */
export interface DifferenceRow extends PriceScope {
  jobs: number;
  changed: number;
  before: number;
  after: number;
  unpriced_before: number;
  unpriced_after: number;
  first_changed: Date | null;
  last_changed: Date | null;
}

/** Adds what was found of some days to what was found of others, by scope. */
export function addDifference(
  found: Map<string, PriceDifference>,
  row: DifferenceRow,
  fromSums: boolean,
): void {
  const { provider, pipeline, operation } = row;
  const key = scopeKey(row);
  const sum = found.get(key) ?? {
    ...{ provider, pipeline, operation, jobs: 0, changed: 0, before: 0, after: 0 },
    ...{ unpricedBefore: 0, unpricedAfter: 0, fromSums: 0 },
  };
  sum.jobs += row.jobs;
  sum.changed += row.changed;
  sum.before += row.before;
  sum.after += row.after;
  sum.unpricedBefore += row.unpriced_before;
  sum.unpricedAfter += row.unpriced_after;
  if (fromSums) sum.fromSums += row.jobs;
  found.set(key, sum);
}
