import { citusState } from '../../database/extensions/citus.ts';
import type { Queries } from '../../database/pool.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { waitingFoldsSql } from '../../rollups/folds.ts';
import type { Grain } from '../../rollups/grains.ts';

/** Subqueries that say what still waits, for a question about the org `$1`. */
export interface WaitingWork {
  /** `fold_id` and `created_at` of the folds of a grain that the next has not taken in. */
  folds(grain: Grain): string;
  /** One row: when the oldest batch not rolled up was stored (`since`, null if none), and as of when that is (`now`). */
  batches(): string;
}

/** Adds a parameter to the question; its placeholder. */
export type AddParameter = (value: unknown) => string;

const inTables: WaitingWork = {
  folds: waitingFoldsSql,
  batches: () => `
    select min(completed_at) as since, statement_timestamp() as now from analytics.ingestion_batches
    where rolled_up_at is null and ($1 = '${ALL_ORGS}' or $1 = any(org_ids))`,
};

const distributed = new WeakMap<Queries, boolean>();

/**
 * What waits, to be asked in the question's own statement, and so in its snapshot. Where Citus distributes the tables
 * it is asked before, and handed over: a question that names no table of the coordinator is answered by the org's node.
 */
export async function waitingWork(
  database: Queries,
  orgId: string,
  parameter: AddParameter,
): Promise<WaitingWork> {
  if (!(await isDistributed(database))) return inTables;
  const { rows } = await database.query<{ since: string | null; now: string; folds: string }>(
    `select b.since::text, b.now::text,
       (select coalesce(json_agg(f), '[]')::text
        from (select grain, fold_id, created_at from analytics.folds where consumed_at is null) as f) as folds
     from (${inTables.batches()}) as b`,
    [orgId],
  );
  const [asked] = rows;
  // Only what a question makes use of becomes a parameter of it.
  let folds: string | undefined;
  return {
    folds: (grain) => {
      folds ??= parameter(asked?.folds);
      return `select fold_id, created_at
        from json_to_recordset(${folds}::json) as w (grain text, fold_id bigint, created_at timestamptz)
        where grain = '${grain.name}'`;
    },
    batches: () =>
      `select ${parameter(asked?.since)}::timestamptz as since, ${parameter(asked?.now)}::timestamptz as now`,
  };
}

async function isDistributed(database: Queries): Promise<boolean> {
  const known = distributed.get(database);
  if (known !== undefined) return known;
  const answer = (await citusState(database)) === 'distributed';
  distributed.set(database, answer);
  return answer;
}
