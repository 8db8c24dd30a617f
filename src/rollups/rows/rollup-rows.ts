import { waitingFoldsSql } from '../folds.ts';
import { finerThan, type Grain, grains } from '../grains.ts';

/** Rows wanted of a grain, by a condition over `r` that treats all rows of a bucket alike. */
export interface RowsWanted {
  grain: Grain;
  condition: string;
  /**
   * What the condition means, as SQL of a `tstzmultirange` of bucket starts: the rows of the grain itself are
   * then found in the index range by range, however many there are.
   */
  ranges?: string;
}

// The partition by its name: without a condition on the grain, its covering index answers without the table.
function tableOf(grain: Grain): string {
  return `analytics.rollups_${grain.name}`;
}

/**
 * The rows that hold the numbers of one or more ranges, each read at a grain, as a subquery: the rows of that
 * grain, and the finer ones of folds that it has not taken in yet. In one statement (one snapshot) every
 * folded event of a range is in exactly one of them.
 * @param always a condition over `r` for all rows
 * @param waitingFolds the folds of a grain that the next has not taken in, as a subquery
 */
export function rollupRowsSql(
  wanted: readonly RowsWanted[],
  columns: readonly string[],
  always = 'true',
  waitingFolds: (grain: Grain) => string = waitingFoldsSql,
): string {
  const list = columns.map((column) => `r.${column}`).join(', ');
  const own = wanted.map(({ grain, condition, ranges }) =>
    ranges === undefined
      ? `select ${list} from ${tableOf(grain)} r where ${always} and (${condition})`
      : `select ${list} from unnest(${ranges}) as w (range), ${tableOf(grain)} r
         where ${always} and r.bucket_start >= lower(w.range) and r.bucket_start < upper(w.range)`,
  );
  const waiting = grains.flatMap((grain) => {
    const coarser = wanted.filter((want) => finerThan(want.grain).includes(grain));
    if (coarser.length === 0) return [];
    const anyOf = coarser.map(({ condition }) => `(${condition})`).join(' or ');
    // As a list: joined, the planner took these folds to be of the size of compacted ones, and read whole months.
    return `select ${list}
      from ${tableOf(grain)} r
      where r.fold_id = any(array(select f.fold_id from (${waitingFolds(grain)}) as f)) and ${always} and (${anyOf})`;
  });
  return [...own, ...waiting].join('\nunion all\n');
}
