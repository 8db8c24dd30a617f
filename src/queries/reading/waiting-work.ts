import { LOCK_SPACE, lockNumbers } from '../../database/advisory-locks.ts';
import { citusState } from '../../database/extensions/citus.ts';
import type { Queries } from '../../database/pool.ts';
import { CodedError } from '../../errors.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { waitingFoldsSql } from '../../rollups/folds.ts';
import type { Grain } from '../../rollups/grains.ts';
import { sleep } from '../../time.ts';

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

/** What waits, as the coordinator of a Citus cluster has it. */
interface HandedOver {
  since: string | null;
  now: string;
  folds: string;
  fold_ids: number[];
  /** Whether nodes may lack what is told here, as a roll-up is being committed on them. */
  committing: boolean;
}

/** Questions begun anew, as a roll-up was committed meanwhile. */
const TRIES = 10;
/** Milliseconds between two looks at whether a roll-up is committed on all nodes, and looks. */
const LOOK_AGAIN = 20;
const LOOKS = 100;

/**
 * Asks a question with what waits, in one statement and so in one snapshot. Citus has none over nodes. There what waits is
 * asked before, and handed over: a question that names no table of the coordinator is answered by the org's node. It is
 * asked again if a roll-up was promoted meanwhile, which the node may or may not have shown.
 * @param ask called with what waits, for the parameters of one statement
 * @throws {CodedError} `unavailable` when the nodes take too long to commit a roll-up
 */
export async function askWithWaitingWork<Result>(
  database: Queries,
  orgId: string,
  ask: (waitingFor: (parameter: AddParameter) => WaitingWork) => Promise<Result>,
): Promise<Result> {
  if (!(await isDistributed(database))) return ask(() => inTables);
  let before = await committedWork(database, orgId);
  for (let tries = 0; tries < TRIES; tries++) {
    const result = await ask((parameter) => handOver(before, parameter));
    const after = await committedWork(database, orgId);
    const stillWaiting = new Set(after.fold_ids);
    if (before.fold_ids.every((id) => stillWaiting.has(id))) return result;
    before = after;
  }
  throw new CodedError('unavailable', 'numbers changed while they were read; try again', {
    retryAfterSeconds: 1,
  });
}

/** What waits, once the nodes have all that is told of it. */
async function committedWork(database: Queries, orgId: string): Promise<HandedOver> {
  for (let looks = 0; looks < LOOKS; looks++) {
    const asked = await readWork(database, orgId);
    if (!asked.committing) return asked;
    await sleep(LOOK_AGAIN);
  }
  throw new CodedError('unavailable', 'the nodes of the cluster are still committing a roll-up; try again', {
    retryAfterSeconds: 5,
  });
}

async function readWork(database: Queries, orgId: string): Promise<HandedOver> {
  // The locks are looked at after the snapshot of the statement was taken: a roll-up that is in it and holds none has
  // been committed on all nodes.
  const { rows } = await database.query<HandedOver>(
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
  const [asked] = rows;
  if (!asked) throw new Error('what waits was asked, and there was no answer');
  return asked;
}

function handOver(asked: HandedOver, parameter: AddParameter): WaitingWork {
  // Only what a question makes use of becomes a parameter of it.
  let folds: string | undefined;
  return {
    folds: (grain) => {
      folds ??= parameter(asked.folds);
      return `select fold_id, created_at
        from json_to_recordset(${folds}::json) as w (grain text, fold_id bigint, created_at timestamptz)
        where grain = '${grain.name}'`;
    },
    batches: () =>
      `select ${parameter(asked.since)}::timestamptz as since, ${parameter(asked.now)}::timestamptz as now`,
  };
}

async function isDistributed(database: Queries): Promise<boolean> {
  const known = distributed.get(database);
  if (known !== undefined) return known;
  const answer = (await citusState(database)) === 'distributed';
  distributed.set(database, answer);
  return answer;
}
