import { citusState } from '../../database/extensions/citus.ts';
import type { Queryable } from '../../database/pool.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { waitingFoldsSql } from '../../rollups/folds.ts';
import type { Grain } from '../../rollups/grains.ts';

/** Subqueries for the work that still waits, for a query about the org `$1`. */
export interface WaitingWork {
  /** `fold_id` and `created_at` of the folds of a grain that the next coarser grain has not consumed. */
  folds(grain: Grain): string;
  /** One row: when the oldest waiting batch was stored (`since`, null if none waits), and the time of this (`now`). */
  batches(): string;
}

/** Adds a parameter to the statement, and returns its placeholder. */
export type AddParameter = (value: unknown) => string;

const inTables: WaitingWork = {
  folds: waitingFoldsSql,
  batches: () => `
    select min(completed_at) as since, statement_timestamp() as now from analytics.ingestion_batches
    where rolled_up_at is null and ($1 = '${ALL_ORGS}' or $1 = any(org_ids))`,
};

const distributed = new WeakMap<Queryable, boolean>();

/**
 * The waiting work, as subqueries of the caller's own statement and thus of its snapshot. Where Citus distributes the
 * tables, the work is read before and passed as a parameter. The statement then names no table of the coordinator, so
 * that the org's node answers it alone.
 */
export async function waitingWork(
  database: Queryable,
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
  const [waiting] = rows;
  // Only what the statement uses becomes a parameter: PostgreSQL refuses one that nothing refers to.
  let folds: string | undefined;
  return {
    folds: (grain) => {
      folds ??= parameter(waiting?.folds);
      return `select fold_id, created_at
        from json_to_recordset(${folds}::json) as w (grain text, fold_id bigint, created_at timestamptz)
        where grain = '${grain.name}'`;
    },
    batches: () =>
      `select ${parameter(waiting?.since)}::timestamptz as since, ${parameter(waiting?.now)}::timestamptz as now`,
  };
}

async function isDistributed(database: Queryable): Promise<boolean> {
  const known = distributed.get(database);
  if (known !== undefined) return known;
  const answer = (await citusState(database)) === 'distributed';
  distributed.set(database, answer);
  return answer;
}
