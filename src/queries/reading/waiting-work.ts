import { LOCK_SPACE, lockNumbers } from '../../database/advisory-locks.ts';
import { citusState } from '../../database/extensions/citus.ts';
import type { Queryable } from '../../database/pool.ts';
import { CodedError } from '../../errors.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { waitingFoldsSql } from '../../rollups/folds.ts';
import type { Grain } from '../../rollups/grains.ts';
import { sleep } from '../../time.ts';

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

/** The waiting work, as the coordinator of a Citus cluster has it. */
interface CoordinatorWork {
  since: string | null;
  now: string;
  folds: string;
  fold_ids: number[];
  /** Whether a roll-up is being committed, so that nodes may lack some of this. */
  committing: boolean;
}

/** How often a query runs, if a roll-up is promoted each time. */
const TRIES = 10;
/** Milliseconds between two looks whether a roll-up is committed on all nodes, and the number of looks. */
const LOOK_AGAIN = 20;
const LOOKS = 100;

/**
 * Runs a query with the waiting work in one statement, and thus in one snapshot. Citus has no snapshot over nodes. There
 * the waiting work is read before and passed as a parameter. The statement then names no table of the coordinator, so that
 * the org's node answers it alone. It runs again if a roll-up was promoted meanwhile, since the node may have shown it or
 * not.
 * @param run called with the waiting work, for the parameters of one statement
 * @throws {CodedError} `unavailable` when the nodes take too long to commit a roll-up
 */
export async function queryWithWaitingWork<Result>(
  database: Queryable,
  orgId: string,
  run: (waitingFor: (parameter: AddParameter) => WaitingWork) => Promise<Result>,
): Promise<Result> {
  if (!(await isDistributed(database))) return run(() => inTables);
  let before = await committedWork(database, orgId);
  for (let tries = 0; tries < TRIES; tries++) {
    const result = await run((parameter) => asParameters(before, parameter));
    const after = await committedWork(database, orgId);
    const stillWaiting = new Set(after.fold_ids);
    if (before.fold_ids.every((id) => stillWaiting.has(id))) return result;
    before = after;
  }
  throw new CodedError('unavailable', 'numbers changed while they were read; try again', {
    retryAfterSeconds: 1,
  });
}

/** The waiting work, once all nodes have it. */
async function committedWork(database: Queryable, orgId: string): Promise<CoordinatorWork> {
  for (let looks = 0; looks < LOOKS; looks++) {
    const waiting = await readWork(database, orgId);
    if (!waiting.committing) return waiting;
    await sleep(LOOK_AGAIN);
  }
  throw new CodedError('unavailable', 'the nodes of the cluster are still committing a roll-up; try again', {
    retryAfterSeconds: 5,
  });
}

async function readWork(database: Queryable, orgId: string): Promise<CoordinatorWork> {
  // The statement looks at the locks after it took its snapshot. A roll-up that is in the snapshot and holds no lock has
  // been committed on all nodes.
  const { rows } = await database.query<CoordinatorWork>(
    `select b.since::text, b.now::text,
       (select coalesce(json_agg(f), '[]')::text
        from (select grain, fold_id, created_at from analytics.folds where consumed_at is null) as f) as folds,
       array(select fold_id from analytics.folds where consumed_at is null) as fold_ids,
       exists (select from pg_locks
         where locktype = 'advisory' and classid = ${LOCK_SPACE} and objid = ${lockNumbers.rollUpCommit} and objsubid = 2
           and database = (select oid from pg_database where datname = current_database()) and granted) as committing
     from (${inTables.batches()}) as b`,
    [orgId],
  );
  const [waiting] = rows;
  if (!waiting) throw new Error('the query returned no row of waiting work');
  return waiting;
}

function asParameters(waiting: CoordinatorWork, parameter: AddParameter): WaitingWork {
  // Only what the statement uses becomes a parameter: PostgreSQL refuses one that nothing refers to.
  let folds: string | undefined;
  return {
    folds: (grain) => {
      folds ??= parameter(waiting.folds);
      return `select fold_id, created_at
        from json_to_recordset(${folds}::json) as w (grain text, fold_id bigint, created_at timestamptz)
        where grain = '${grain.name}'`;
    },
    batches: () =>
      `select ${parameter(waiting.since)}::timestamptz as since, ${parameter(waiting.now)}::timestamptz as now`,
  };
}

async function isDistributed(database: Queryable): Promise<boolean> {
  const known = distributed.get(database);
  if (known !== undefined) return known;
  const answer = (await citusState(database)) === 'distributed';
  distributed.set(database, answer);
  return answer;
}
