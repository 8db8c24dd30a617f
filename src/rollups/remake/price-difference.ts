import type { ScopeValues } from './repricing.ts';

/** What a repricing changes of the events of one type and one scope of prices that do not say their cost. */
export interface PriceDifference {
  type: string;
  scope: ScopeValues;
  events: number;
  /** Events whose cost changes, becomes known or becomes unknown. */
  changed: number;
  /** Nano-dollars. */
  before: number;
  after: number;
  unpricedBefore: number;
  unpricedAfter: number;
  /** The events of which only rollups are left, so that their costs are computed from sums. */
  fromSums: number;
  /** Those of them that keep their cost, because the sums do not tell it. */
  kept: number;
}

/** The difference within some days, as a statement returns it. */
export interface DifferenceRow {
  scope: ScopeValues;
  events: number;
  changed: number;
  before: number;
  after: number;
  unpriced_before: number;
  unpriced_after: number;
  kept: number;
}

/** Adds the difference of some days of a type to those of other days, by scope. */
export function addDifference(
  found: Map<string, PriceDifference>,
  row: DifferenceRow,
  { type, fromSums }: { type: string; fromSums: boolean },
): void {
  const key = JSON.stringify(row.scope);
  const sum = found.get(key) ?? {
    ...{ type, scope: row.scope, events: 0, changed: 0, before: 0, after: 0 },
    ...{ unpricedBefore: 0, unpricedAfter: 0, fromSums: 0, kept: 0 },
  };
  sum.events += row.events;
  sum.changed += row.changed;
  sum.before += row.before;
  sum.after += row.after;
  sum.unpricedBefore += row.unpriced_before;
  sum.unpricedAfter += row.unpriced_after;
  if (fromSums) sum.fromSums += row.events;
  sum.kept += row.kept;
  found.set(key, sum);
}
