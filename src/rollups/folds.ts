import type { PoolClient } from 'pg';
import { LOCK_SPACE, lockNumbers } from '../database/advisory-locks.ts';
import { ALL_ORGS } from '../events/all-orgs.ts';
import { catalogue } from '../events/catalogue.ts';
import { coarserOf, type Grain } from './grains.ts';
import { isWithin } from './stored-up-to.ts';

/**
 * A condition: the fold of a row has been taken in by the next grain. `upTo` is as `foldsWrittenUpTo` has it, where a
 * row may be of a fold that the coordinator did not show yet. The waiting folds are few and listed
 * once; as a join the planner, who knows little of the newest folds, can take it for one row and go wrong
 * for minutes.
 */
export function isTakenIn(foldId: string, upTo?: number): string {
  return `${isWithin(foldId, upTo)} and ${foldId} <> all (array(select fold_id from analytics.folds where consumed_at is null))`;
}

/**
 * The folds of a grain that the next has not taken in, to be joined with the grain's rows. A subquery, as a table that
 * is distributed is not joined with one that is not.
 */
export function waitingFoldsSql(grain: Grain): string {
  return `select fold_id, created_at from analytics.folds where grain = '${grain.name}' and consumed_at is null`;
}

/** Opens a fold: everything written under its number becomes visible, and is consumed, together. */
export async function openFold(client: PoolClient, grain: Grain): Promise<number> {
  // Nothing takes in the coarsest grain, so its folds count as consumed from the start.
  const consumed = coarserOf(grain) === undefined;
  const result = await client.query<{ fold_id: number }>(
    `insert into analytics.folds (grain, consumed_at) values ($1, case when $2 then now() end) returning fold_id`,
    [grain.name, consumed],
  );
  return Number(result.rows[0]?.fold_id);
}

/**
 * What a transaction that folds or promotes does last. PostgreSQL holds the lock until the transaction has ended, which
 * on Citus is when all nodes have committed; the coordinator's rows can be seen before. Readers there wait for it.
 */
export async function announceCommit(client: PoolClient): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1, $2)', [LOCK_SPACE, lockNumbers.rollUpCommit]);
}

/** What the rows of a fold count. */
export interface Written {
  /** Rows of events, of all orgs. */
  events: number;
  /** The same of what is also counted for all orgs together, sessions among it. */
  ofOrgs: number;
  /** What is counted for all orgs together. */
  together: number;
}

/** Notes how many rows a fold has and which time they cover; an empty one has nothing to be taken in. */
export async function closeFold(
  client: PoolClient,
  foldId: number,
  grain: Grain,
  { compacted = false, consumed = false } = {},
): Promise<Written> {
  // Looked up apart from the update, which then is of a table that is not distributed, wherever the rollups are.
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
