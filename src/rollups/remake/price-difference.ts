import { type PriceScope, scopeKey } from '../../prices/price.ts';

/** What a repricing changes of the jobs of one provider, pipeline and operation that do not say their cost. */
export interface PriceDifference extends PriceScope {
  jobs: number;
  /** Jobs whose cost changes, becomes known or becomes unknown. */
  changed: number;
  /** Nano-dollars. */
  before: number;
  after: number;
  unpricedBefore: number;
  unpricedAfter: number;
  /** The jobs of which only rollups are left, so that their costs are computed from sums. */
  fromSums: number;
}

/** The difference within some days, as a statement returns it. */
export interface DifferenceRow {
  provider: string;
  pipeline: string | null;
  operation: string | null;
  jobs: number;
  changed: number;
  before: number;
  after: number;
  unpriced_before: number;
  unpriced_after: number;
}

/** Adds the difference of some days to those of other days, by scope. */
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
