/**
 * Work that was claimed while some of its rows cannot be seen. On Citus that is normal for milliseconds: the coordinator
 * commits before the nodes do. Elsewhere it means that rows were lost.
 */
import type { PoolClient } from 'pg';
import { CodedError } from '../../errors.ts';
import type { Grain } from '../grains.ts';
import type { ClaimedBatch } from './claim-batches.ts';

/** A batch or a fold whose rows are not all there. */
export interface IncompleteWork {
  what: 'batch' | 'fold';
  id: number;
  /** Rows that it stored. */
  rows: number;
  /** Rows that can be seen. */
  found: number;
  /** Milliseconds since it was stored. */
  age: number;
}

/** Told each time a grain found work incomplete: what was put off, or nothing if all was there at the second look. */
export type OnIncomplete = (grain: Grain, putOff: readonly IncompleteWork[]) => void;

/** A fold did not count as many rows as its batches stored. It is rolled back. */
export class IncompleteFoldError extends Error {}

interface Counted {
  id: number;
  /** Null: unknown, and taken as complete. */
  rows: number | null;
}

/** What was claimed, told apart. */
interface Checked<Work> {
  complete: Work[];
  putOff: IncompleteWork[];
}

/**
 * Counts the events of each batch, and puts off the incomplete ones. An event counts once its series can be seen too:
 * without it, it would be missing from the totals of all orgs.
 * @returns complete batches with the rows found of each
 */
export async function checkBatches(
  client: PoolClient,
  batches: readonly ClaimedBatch[],
): Promise<Checked<ClaimedBatch & { rows: number }>> {
  const { rows } = await client.query<{ id: number; found: number }>(
    `select e.batch_id as id, count(*) as found
     from analytics.events e join analytics.series s on s.org_id = e.org_id and s.series_id = e.series_id
     where e.batch_id = any($1::bigint[])
       and e.occurred_at >= (select min(t) from unnest($2::timestamptz[]) as t)
       and e.occurred_at <= (select max(t) from unnest($3::timestamptz[]) as t)
     group by e.batch_id`,
    [batches.map(({ id }) => id), batches.map(({ first }) => first), batches.map(({ last }) => last)],
  );
  const found = new Map(rows.map((row) => [row.id, row.found]));
  const counted = batches.map((batch) => ({ ...batch, found: found.get(batch.id) ?? 0 }));
  return {
    complete: counted.filter(isComplete).map((batch) => ({ ...batch, rows: batch.found })),
    putOff: await putOff(
      client,
      'batch',
      counted.filter((batch) => !isComplete(batch)),
    ),
  };
}

/** Counts the rows of each fold of a grain, and puts off the incomplete ones. */
export async function checkFolds<Fold extends Counted>(
  client: PoolClient,
  grain: Grain,
  folds: readonly Fold[],
): Promise<Checked<Fold>> {
  const incomplete = await incompleteFolds(client, grain, folds);
  const ids = new Set(incomplete.map(({ id }) => id));
  return {
    complete: folds.filter(({ id }) => !ids.has(id)),
    putOff: await putOff(client, 'fold', incomplete),
  };
}

/** The folds of a grain whose rows are not all there. */
async function incompleteFolds<Fold extends Counted>(
  client: PoolClient,
  grain: Grain,
  folds: readonly Fold[],
): Promise<(Fold & { found: number })[]> {
  const { rows } = await client.query<{ id: number; found: number }>(
    `select fold_id as id, count(*) as found from analytics.rollups
     where grain = '${grain.name}' and fold_id = any($1::bigint[])
     group by fold_id`,
    [folds.map(({ id }) => id)],
  );
  const found = new Map(rows.map((row) => [row.id, row.found]));
  return folds
    .map((fold) => ({ ...fold, found: found.get(fold.id) ?? 0 }))
    .filter((fold) => !isComplete(fold));
}

/**
 * For transactions on Citus that build on what earlier ones wrote. Their locks have waited for nodes that commit; a node
 * that failed at that moment may show its rows a minute later.
 * @param maxAge milliseconds; older folds are left out
 * @throws {CodedError} `unavailable` when rows of a waiting fold cannot be found
 */
export async function refuseIncompleteFolds(
  client: PoolClient,
  grains: readonly Grain[],
  maxAge?: number,
): Promise<void> {
  const { rows } = await client.query<Counted & { rows: number; grain: Grain['name'] }>(
    `select fold_id as id, rows, grain from analytics.folds
     where consumed_at is null and rows is not null
       and ($1::float8 is null or created_at > clock_timestamp() - $1 * interval '1 ms')`,
    [maxAge],
  );
  for (const grain of grains) {
    const folds = rows.filter((row) => row.grain === grain.name);
    const [incomplete] = folds.length === 0 ? [] : await incompleteFolds(client, grain, folds);
    if (!incomplete) continue;
    const { id, rows: stored, found } = incomplete;
    const detail = `only ${found} of ${stored} rows of fold ${id} (${grain.name}) can be found; try again in a minute. If that does not help, see "Rows of a batch or fold are missing" in docs/operating.md`;
    throw new CodedError('unavailable', detail, { retryAfterSeconds: 60 });
  }
}

/** More rows than were stored are as wrong as fewer. */
function isComplete({ rows, found }: Counted & { found: number }): boolean {
  return rows === null || found === rows;
}

const stores = {
  batch: { table: 'ingestion_batches', key: 'batch_id', since: 'completed_at' },
  fold: { table: 'folds', key: 'fold_id', since: 'created_at' },
} as const;

/**
 * Has others go first, so that work whose rows never come holds up nothing else. It is tried again after a quarter of
 * its age: in a tenth of a second at first, once a minute in the end.
 */
async function putOff(
  client: PoolClient,
  what: IncompleteWork['what'],
  incomplete: readonly (Counted & { found: number })[],
): Promise<IncompleteWork[]> {
  if (incomplete.length === 0) return [];
  const { table, key, since } = stores[what];
  const { rows } = await client.query<{ id: number; age: number }>(
    `update analytics.${table}
     set retry_at = clock_timestamp()
       + least(interval '1 minute', greatest(interval '100 ms', (clock_timestamp() - ${since}) / 4))
     where ${key} = any($1::bigint[])
     returning ${key} as id, (extract(epoch from clock_timestamp() - ${since}) * 1000)::float8 as age`,
    [incomplete.map(({ id }) => id)],
  );
  const ages = new Map(rows.map(({ id, age }) => [id, age]));
  return incomplete.map(({ id, rows, found }) => ({
    ...{ what, id, rows: rows ?? 0, found },
    age: ages.get(id) ?? 0,
  }));
}
