import { waitingFoldsSql } from '../folds.ts';
import { finerThan, type Grain, grains } from '../grains.ts';

/** A selection of a grain's rows. Its condition over `r` must treat all rows of a bucket alike. */
export interface RowsWanted {
  grain: Grain;
  condition: string;
  /**
   * The same selection as SQL of a `tstzmultirange` of bucket starts. With it, the rows of the grain itself are found in
   * the index range by range, however many ranges there are.
   */
  ranges?: string;
  /**
   * Looks each range up by itself, whatever PostgreSQL expects to find. Of an org that its statistics do not know yet, it
   * read all rows again for each range. Citus can do this for one org only.
   */
  inTurn?: boolean;
}

// Names the partition: without a condition on the grain, its covering index suffices.
function tableOf(grain: Grain): string {
  return `analytics.rollups_${grain.name}`;
}

/**
 * The rows with the numbers of one or more selections, as a subquery. They are the rows of each grain, and the finer
 * rows of folds that the grain has not taken in yet. In one statement, so in one snapshot, each folded event is in exactly one row.
 * @param always a condition over `r` for all rows
 * @param waitingFolds the folds of a grain that the next grain has not taken in, as a subquery
 */
export function rollupRowsSql(
  wanted: readonly RowsWanted[],
  columns: readonly string[],
  always = 'true',
  waitingFolds: (grain: Grain) => string = waitingFoldsSql,
): string {
  const list = columns.map((column) => `r.${column}`).join(', ');
  const own = wanted.map(({ grain, condition, ranges, inTurn }) => {
    const all = `select ${list} from ${tableOf(grain)} r where ${always}`;
    if (ranges === undefined) return `${all} and (${condition})`;
    const within = 'r.bucket_start >= lower(w.range) and r.bucket_start < upper(w.range)';
    // What has an offset is not merged into the query around it.
    return inTurn
      ? `select r.* from unnest(${ranges}) as w (range), lateral (${all} and ${within} offset 0) as r`
      : `select ${list} from unnest(${ranges}) as w (range), ${tableOf(grain)} r where ${always} and ${within}`;
  });
  const waiting = grains.flatMap((grain) => {
    const coarser = wanted.filter((want) => finerThan(want.grain).includes(grain));
    if (coarser.length === 0) return [];
    const anyOf = coarser.map(({ condition }) => `(${condition})`).join(' or ');
    // A list and not a join: the planner took these folds to be as large as compacted ones, and read whole months.
    return `select ${list}
      from ${tableOf(grain)} r
      where r.fold_id = any(array(select f.fold_id from (${waitingFolds(grain)}) as f)) and ${always} and (${anyOf})`;
  });
  return [...own, ...waiting].join('\nunion all\n');
}
