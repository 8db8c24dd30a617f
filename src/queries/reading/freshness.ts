import type { Pool, QueryResult } from 'pg';
import { usage } from '../../events/types/usage.ts';
import { finestGrain } from '../../rollups/grains.ts';
import { MINUTE, SECOND } from '../../time.ts';
import type { CachedModelFreshness, FreshnessCache } from './freshness-cache.ts';
import { queryWithWaitingWork, type WaitingWork } from './waiting-work.ts';

export type FreshnessStatus = 'fresh' | 'stale' | 'delayed';

/** How complete numbers are. Every answer with numbers has it. */
export interface Freshness {
  /** Every event acknowledged before this moment is in the numbers. */
  asOf: string;
  /** How far the rollups are behind the stored events; 0 when none is waiting. */
  lagSeconds: number;
  status: FreshnessStatus;
  /** When the org's rollups last changed; null before its first event. */
  lastRollupAt: string | null;
}

export interface FreshnessRow {
  as_of: Date;
  lag_seconds: number;
  last_rollup_at: Date | null;
}

export interface OrgFreshness {
  orgId: string;
  status: FreshnessStatus;
  asOf: string;
  lagSeconds: number;
  entries: {
    modelId: string;
    lastEventAt: string;
    lastRollupAt: string;
    lagSeconds: number;
    status: FreshnessStatus;
  }[];
  /** Whether more models follow the last entry. */
  hasMore: boolean;
}

/** A page of the models of an org, ordered by their ids. */
export interface ModelPage {
  /** The id of the model before the page; without it, the page is the first. */
  after?: string | undefined;
  limit: number;
}

/** The most models of a page. The cache keeps the first page of an org. */
export const MOST_MODELS = 1_000;

/** Milliseconds of lag up to which numbers count as fresh. */
export const STALE_AFTER = 5 * MINUTE;
const DELAYED_AFTER = 10 * MINUTE;

function statusOfLag(lagSeconds: number): FreshnessStatus {
  const lag = lagSeconds * SECOND;
  if (lag <= STALE_AFTER) return 'fresh';
  return lag <= DELAYED_AFTER ? 'stale' : 'delayed';
}

/**
 * When models of an org (`$1`) and type (`$2`) were last seen: as recorded, and in folds that still wait. The models after
 * one (`$3`; all, if null), up to a number (`$4`) that are recorded.
 */
function seenSql(waiting: WaitingWork): string {
  return `
  (select model_id, last_event_at, last_rollup_at
   from analytics.freshness_status
   where org_id = $1 and type = $2 and ($3::text is null or model_id > $3)
   order by model_id limit $4)
  union all
  select coalesce(s.model_id, ''), r.last_event_at, f.created_at
  from (${waiting.folds(finestGrain)}) as f
  join analytics.rollups_${finestGrain.name} r on r.fold_id = f.fold_id
  join analytics.series s on s.org_id = r.org_id and s.series_id = r.series_id
  where r.org_id = $1 and r.type = $2 and ($3::text is null or coalesce(s.model_id, '') > $3)`;
}

/** One row with the freshness of an org (`$1`) and type (`$2`) in this snapshot. */
export function freshnessSql(waiting: WaitingWork): string {
  return `
  select coalesce(w.since, w.now) as as_of,
    greatest(0, coalesce(extract(epoch from w.now - w.since), 0))::float8 as lag_seconds,
    seen.last_rollup_at
  from (${waiting.batches()}) as w,
  (
    select max(last_rollup_at) as last_rollup_at from (
      select max(last_rollup_at) as last_rollup_at
      from analytics.freshness_status where org_id = $1 and type = $2
      union all
      select max(f.created_at) from (${waiting.folds(finestGrain)}) as f
      where exists (
        select 1 from analytics.rollups_${finestGrain.name} r
        where r.fold_id = f.fold_id and r.org_id = $1 and r.type = $2)
    ) as s
  ) as seen`;
}

export function freshnessOf(row: FreshnessRow | undefined): Freshness {
  if (!row) throw new Error('the query returned no row of freshness');
  const lagSeconds = Math.round(row.lag_seconds * 1_000) / 1_000;
  return {
    asOf: row.as_of.toISOString(),
    lagSeconds,
    status: statusOfLag(lagSeconds),
    lastRollupAt: row.last_rollup_at?.toISOString() ?? null,
  };
}

/**
 * How fresh the usage numbers of an org are, overall and by model. The lag is read from the database each time. The
 * times of the first models may come from the cache.
 */
export async function orgFreshness(
  pool: Pool,
  cache: FreshnessCache,
  orgId: string,
  { after, limit }: ModelPage = { limit: MOST_MODELS },
): Promise<OrgFreshness> {
  // One model more than the page holds, because only that one shows that another page follows.
  const read = (most: number) => readEntries(pool, orgId, { after, limit: most + 1 });
  const [current, found] = await Promise.all([
    readFreshness(pool, orgId),
    after === undefined ? cache.get(orgId, () => read(MOST_MODELS)) : read(limit),
  ]);
  const { asOf, lagSeconds, status } = freshnessOf(current.rows[0]);
  return {
    orgId,
    status,
    asOf,
    lagSeconds,
    entries: found.slice(0, limit).map((entry) => ({ ...entry, lagSeconds, status })),
    hasMore: found.length > limit,
  };
}

function readFreshness(pool: Pool, orgId: string): Promise<QueryResult<FreshnessRow>> {
  return queryWithWaitingWork(pool, orgId, (waitingFor) => {
    const values: unknown[] = [orgId, usage.type];
    const waiting = waitingFor((value) => `$${values.push(value)}`);
    return pool.query<FreshnessRow>(freshnessSql(waiting), values);
  });
}

async function readEntries(
  pool: Pool,
  orgId: string,
  { after, limit }: ModelPage,
): Promise<CachedModelFreshness[]> {
  const result = await queryWithWaitingWork(pool, orgId, (waitingFor) => {
    const values: unknown[] = [orgId, usage.type, after ?? null, limit];
    const waiting = waitingFor((value) => `$${values.push(value)}`);
    return pool.query<{ model_id: string; last_event_at: Date; last_rollup_at: Date }>(
      `select model_id, max(last_event_at) as last_event_at, max(last_rollup_at) as last_rollup_at
       from (${seenSql(waiting)}) as seen
       group by model_id order by model_id limit $4`,
      values,
    );
  });
  return result.rows.map((row) => ({
    modelId: row.model_id,
    lastEventAt: row.last_event_at.toISOString(),
    lastRollupAt: row.last_rollup_at.toISOString(),
  }));
}
