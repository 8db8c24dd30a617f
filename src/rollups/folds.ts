import type { PoolClient } from 'pg';
import { LOCK_SPACE, lockNumbers } from '../database/advisory-locks.ts';
import { ALL_ORGS } from '../events/all-orgs.ts';
import { catalogue } from '../events/catalogue.ts';
import { coarserOf, type Grain } from './grains.ts';
import { isWithin } from './stored-up-to.ts';

/**
 * A condition: the next grain has taken in the fold of a row. The waiting folds are few, and are listed once. As a join,
 * the planner can take the folds for one row, since it has no statistics of the newest, and then runs for minutes. As
 * `<> all` it expects no row at all, if one import made nearly all rows. Of `is distinct from` it expects every second row.
 * `coalesce` would do the same, but Citus refuses it around the list in a removal.
 * @param upTo as `foldsWrittenUpTo` returns it, where a row may be of a fold that the coordinator did not show yet
 */
export function isConsumed(foldId: string, upTo?: number): string {
  return `${isWithin(foldId, upTo)} and (${foldId} = any (array(select fold_id from analytics.folds where consumed_at is null))) is distinct from true`;
}

/**
 * The folds of a grain that the next grain has not taken in yet, to be joined with the rows of the grain. It is a
 * subquery, since Citus does not join a distributed table with one that is not.
 */
export function waitingFoldsSql(grain: Grain): string {
  return `select fold_id, created_at from analytics.folds where grain = '${grain.name}' and consumed_at is null`;
}

/** Opens a fold. All rows written under its number become visible together, and the next grain takes them together. */
export async function openFold(client: PoolClient, grain: Grain): Promise<number> {
  // No grain takes in the coarsest one, so its folds count as consumed from the start.
  const consumed = coarserOf(grain) === undefined;
  const result = await client.query<{ fold_id: number }>(
    `insert into analytics.folds (grain, consumed_at) values ($1, case when $2 then now() end) returning fold_id`,
    [grain.name, consumed],
  );
  return Number(result.rows[0]?.fold_id);
}

/**
 * The last step of a transaction that folds or promotes. PostgreSQL holds the lock until the transaction has ended, and on
 * Citus that is after all nodes have committed. The coordinator's rows are visible before, so readers there wait for it.
 */
export async function announceCommit(client: PoolClient): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1, $2)', [LOCK_SPACE, lockNumbers.rollUpCommit]);
}

/** The counts in the rows of a fold. */
export interface FoldCounts {
  /** Rows of events, of all orgs. */
  events: number;
  /** The counts by org that the rows of all orgs together must add up to, sessions among them. */
  ofOrgs: number;
  /** The counts of all orgs together. */
  together: number;
}

/** Records the number of rows of a fold and the time that they cover. An empty fold counts as consumed. */
export async function closeFold(
  client: PoolClient,
  foldId: number,
  grain: Grain,
  { compacted = false, consumed = false } = {},
): Promise<FoldCounts> {
  // Counted apart from the update, which then touches no distributed table, even if the rollups are distributed.
  const { rows } = await client.query<FoldRow>(
    `select count(*) as rows, min(bucket_start) as first, max(bucket_start) as last,
       (sum(count) filter (where org_id <> '${ALL_ORGS}' and type not in (${typesWith('derived')})))::bigint as events,
       (sum(count) filter (where org_id <> '${ALL_ORGS}' and type not in (${typesWith('gauge')})))::bigint as of_orgs,
       (sum(count) filter (where org_id = '${ALL_ORGS}'))::bigint as together
     from analytics.rollups where grain = $1 and fold_id = $2`,
    [grain.name, foldId],
  );
  const [written] = rows;
  const empty = (written?.rows ?? 0) === 0;
  await client.query(
    `update analytics.folds
     set rows = $2, bucket_from = $3, bucket_to = $4::timestamptz + $5 * interval '1 ms', compacted = $6,
       consumed_at = coalesce(consumed_at, case when $7 then now() end)
     where fold_id = $1`,
    [
      foldId,
      written?.rows ?? 0,
      written?.first,
      written?.last,
      grain.width,
      compacted || empty,
      consumed || empty,
    ],
  );
  return {
    events: written?.events ?? 0,
    ofOrgs: written?.of_orgs ?? 0,
    together: written?.together ?? 0,
  };
}

function typesWith(property: 'gauge' | 'derived'): string {
  return catalogue.flatMap((definition) => (definition[property] ? [`'${definition.type}'`] : [])).join(', ');
}

interface FoldRow {
  rows: number;
  first: Date | null;
  last: Date | null;
  events: number | null;
  of_orgs: number | null;
  together: number | null;
}
