import type { Pool, PoolClient } from 'pg';
import { citusState } from '../database/extensions/citus.ts';
import { allowCompressedEventChanges } from '../database/extensions/timescaledb.ts';
import { withTransaction } from '../database/pool.ts';
import { ALL_ORGS } from '../events/all-orgs.ts';
import { isGauge, mergePartialSql, numberColumns } from '../rollups/fold/fold-sql.ts';
import { closeFold, isConsumed, openFold } from '../rollups/folds.ts';
import { bucketStart, finerThan, type Grain, grainNamed } from '../rollups/grains.ts';
import { blockRollUps } from '../rollups/remake/remake.ts';
import { listEventDays } from '../rollups/upkeep/event-days.ts';
import { DAY } from '../time.ts';
import { noteErased } from './deletion-record.ts';

const day = grainNamed('day');
const week = grainNamed('week');
const grainsToDay = [...finerThan(day).reverse(), day];

/**
 * Deletes the raw events and rollups of an org, a day in each transaction, and then a week in each. The numbers of all
 * orgs together are added up again from the orgs that remain, because minima, maxima and percentiles cannot be
 * subtracted. Every batch and fold of the org must have been taken in before.
 *
 * @param onDay called after each day, with the number of days that are done and of all
 */
export async function eraseNumbers(
  pool: Pool,
  orgId: string,
  onDay: (done: number, days: number) => void,
): Promise<void> {
  const days = await daysOf(pool, orgId);
  for (const [index, from] of days.entries()) {
    const range = { orgId, from, to: from + DAY };
    await withTransaction(pool, async (client) => {
      await blockRollUps(client);
      for (const grain of grainsToDay) await eraseRollups(client, grain, range);
      await eraseEvents(client, range);
    });
    onDay(index + 1, days.length);
  }
  for (const from of new Set(days.map((at) => bucketStart(week, at)))) {
    await withTransaction(pool, async (client) => {
      await blockRollUps(client);
      await eraseRollups(client, week, { orgId, from, to: from + week.width });
    });
  }
}

/** The UTC days with anything of the org, as milliseconds, the oldest first. */
async function daysOf(pool: Pool, orgId: string): Promise<number[]> {
  const found = new Set<number>();
  for (const { from, to } of await listEventDays(pool)) {
    const { rows } = await pool.query<{ there: boolean }>(
      `select exists (
         select 1 from analytics.events where org_id = $1 and occurred_at >= $2 and occurred_at < $3) as there`,
      [orgId, from, to],
    );
    if (rows[0]?.there) found.add(from.getTime());
  }
  const { rows } = await pool.query<{ day: Date }>(
    `select distinct date_bin('1 day', bucket_start, timestamptz '1970-01-04T00:00:00Z') as day
     from analytics.rollups where org_id = $1`,
    [orgId],
  );
  for (const row of rows) found.add(row.day.getTime());
  return [...found].sort((a, b) => a - b);
}

interface OrgRange {
  orgId: string;
  /** Milliseconds since the epoch. */
  from: number;
  to: number;
}

async function eraseEvents(client: PoolClient, { orgId, from, to }: OrgRange): Promise<void> {
  await allowCompressedEventChanges(client);
  const { rowCount } = await client.query(
    'delete from analytics.events where org_id = $1 and occurred_at >= $2 and occurred_at < $3',
    [orgId, new Date(from), new Date(to)],
  );
  await noteErased(client, orgId, 'events', rowCount ?? 0);
}

/**
 * Deletes the rollups of one grain, and makes those of all orgs together again where the org had a part in them. Each org
 * and type is searched by the index of its own, since by time alone every row of the grain would be read.
 */
async function eraseRollups(client: PoolClient, grain: Grain, { orgId, from, to }: OrgRange): Promise<void> {
  const range = [orgId, new Date(from), new Date(to)];
  const { rows } = await client.query<{ rows: number }>(
    `select count(*) as rows from analytics.rollups r
     where r.grain = '${grain.name}' and r.org_id = $1 and r.bucket_start >= $2 and r.bucket_start < $3
       and r.type = any(array(select distinct type from analytics.series where org_id = $1))`,
    range,
  );
  const erased = rows[0]?.rows ?? 0;
  if (erased === 0) return;
  const foldId = await openFold(client, grain);
  const distributed = (await citusState(client)) === 'distributed';
  await client.query(eraseSql(grain, distributed), [foldId, ...range]);
  await closeFold(client, foldId, grain, { compacted: true, consumed: true });
  await noteErased(client, orgId, 'rollups', erased);
}

function eraseSql(grain: Grain, distributed: boolean): string {
  return `
  with doomed as (
    delete from analytics.rollups r
    where r.grain = '${grain.name}' and r.org_id = $2 and r.bucket_start >= $3 and r.bucket_start < $4
      and r.type = any(array(select distinct type from analytics.series where org_id = $2))
    returning type, series_id, bucket_start
  ),
  affected as materialized (
    select distinct d.type, s.platform_series_id as series_id, d.bucket_start
    from doomed d join analytics.series s on s.org_id = $2 and s.series_id = d.series_id
    where not (d.${isGauge})
  ),
  stale as (
    delete from analytics.rollups r using affected a
    where r.grain = '${grain.name}' and r.org_id = '${ALL_ORGS}' and r.type = a.type and r.series_id = a.series_id
      and r.bucket_start = a.bucket_start and ${isConsumed('r.fold_id')}
  ),
  remaining as materialized (
    select s.org_id, s.type, s.series_id, s.platform_series_id from analytics.series s
    where s.org_id not in ($2, '${ALL_ORGS}') and s.platform_series_id in (select series_id from affected)
  ),
  partial as (
    select '${ALL_ORGS}' as org_id, r.type, m.platform_series_id as series_id, r.bucket_start,
      ${numberColumns.map((column) => `r.${column}`).join(', ')}
    from ${remainingRows(grain, distributed)} as r
    join remaining m on m.org_id = r.org_id and m.series_id = r.series_id
    join affected a on a.type = r.type and a.series_id = m.platform_series_id and a.bucket_start = r.bucket_start
  ),
  ${mergePartialSql(grain)}`;
}

/**
 * The rows of each org and type that remain. Citus has no such loop over the rows of nodes. There the index is searched for
 * the listed orgs and types.
 */
function remainingRows(grain: Grain, distributed: boolean): string {
  const rows = (ofOrgs: string) => `
      select * from analytics.rollups r
      where r.grain = '${grain.name}' and ${ofOrgs}
        and r.bucket_start >= $3 and r.bucket_start < $4 and ${isConsumed('r.fold_id')}`;
  if (!distributed)
    return `(select distinct org_id, type from remaining) as o
    cross join lateral (${rows('r.org_id = o.org_id and r.type = o.type')} offset 0)`;
  return `(${rows(`r.org_id = any(array(select distinct org_id from remaining))
        and r.type = any(array(select distinct type from remaining))`)})`;
}
