/** Keeps the costs in the books right while costs change. The transaction must hold the lock of `lockCosts`. */
import type { PoolClient } from 'pg';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { DAY } from '../../time.ts';
import { bucketSql, grainNamed } from '../grains.ts';
import { isOfKeptDay } from '../org-removals.ts';
import { rollupRowsSql } from '../rows/rollup-rows.ts';
import { bookedDays, isUnbooked } from './booked-days.ts';
import { type BookedColumn, bookedColumns } from './measures.ts';

/** The events of a type in a range of whole days. */
interface RepricedEvents {
  type: string;
  from: Date;
  to: Date;
}

const day = grainNamed('day');

/** Reads the booked costs again of days whose raw events are still there. Books of orgs without them stay. */
export async function rebookCosts(client: PoolClient, { type, ...range }: RepricedEvents): Promise<void> {
  for (const booked of await bookedDays(client, range)) {
    await client.query(
      `update analytics.daily_books b
       set cost = e.cost, unpriced = e.unpriced
       from (
         select org_id, coalesce(sum(cost), 0) as cost, count(*) filter (where cost is null) as unpriced
         from analytics.events
         where type = $1 and occurred_at >= $2 and occurred_at < $3 and batch_id <= $4
           and ${isOfKeptDay('events')}
         group by org_id
       ) as e
       where b.org_id = e.org_id and b.type = $1 and b.day = $2
         and (b.cost, b.unpriced) is distinct from (e.cost, e.unpriced)`,
      [type, new Date(booked.day), new Date(booked.day + DAY), booked.upTo],
    );
  }
}

interface Costs {
  org_id: string;
  day: Date;
  cost: bigint;
  unpriced: bigint;
}
type CostRow = Record<'cost' | 'unpriced', string> & Pick<Costs, 'org_id' | 'day'>;

/** What rollups have beyond the raw events outside the books, by org and day. It is what the books should have. */
export type CostsOfBooks = ReadonlyMap<string, Costs>;

/**
 * The costs that the rollups of days without raw events leave for the books. A repricing reads them before and after it
 * has changed the rollups, and gives both to `correctCosts`.
 * @param upTo as `batchesStoredUpTo` returns it
 */
export async function costsOfBooks(
  client: PoolClient,
  { type, upTo, ...range }: RepricedEvents & { upTo: number | undefined },
): Promise<CostsOfBooks> {
  const found = new Map<string, Costs>();
  const add = (row: CostRow, sign: bigint) => {
    const key = JSON.stringify([row.org_id, row.day]);
    const costs = found.get(key) ?? { org_id: row.org_id, day: row.day, cost: 0n, unpriced: 0n };
    costs.cost += sign * BigInt(row.cost);
    costs.unpriced += sign * BigInt(row.unpriced);
    found.set(key, costs);
  };
  const rolledUp = await client.query<CostRow>(
    `select org_id, ${bucketSql(day, 'bucket_start')} as day, coalesce(sum(cost), 0)::text as cost,
       coalesce(sum(count) filter (where cost is null), 0)::text as unpriced
     from (${rollupRowsSql(
       [{ grain: day, condition: 'r.bucket_start >= $2 and r.bucket_start < $3' }],
       ['org_id', 'bucket_start', 'count', 'cost'],
       `r.type = $1 and r.org_id <> '${ALL_ORGS}'`,
     )}) as r
     group by 1, 2`,
    [type, range.from, range.to],
  );
  for (const row of rolledUp.rows) add(row, 1n);
  const booked = new Map((await bookedDays(client, range)).map((each) => [each.day, each.upTo]));
  // A day that had no events when it was removed has no book. Events that came later are raw all the same.
  for (let at = range.from.getTime(); at < range.to.getTime(); at += DAY) {
    const late = await client.query<CostRow>(
      `select org_id, $2::timestamptz as day, coalesce(sum(cost), 0)::text as cost,
         count(*) filter (where cost is null)::text as unpriced
       from analytics.events
       where type = $1 and occurred_at >= $2 and occurred_at < $3 and ${isUnbooked(booked.get(at) ?? 0, upTo)}
       group by 1`,
      [type, new Date(at), new Date(at + DAY)],
    );
    for (const row of late.rows) add(row, -1n);
  }
  return found;
}

/**
 * Adds to the books by how much their costs have changed. A book without events gets the difference, too: the events that
 * caused it are still raw, with their old costs, and are booked later. Days that a version without books removed have
 * nothing to correct.
 */
export async function correctCosts(
  client: PoolClient,
  type: string,
  { before, after }: { before: CostsOfBooks; after: CostsOfBooks },
): Promise<void> {
  const changes = [...after]
    .map(([key, { org_id, day, cost, unpriced }]) => ({
      ...{ org_id, day },
      cost: String(cost - (before.get(key)?.cost ?? 0n)),
      unpriced: String(unpriced - (before.get(key)?.unpriced ?? 0n)),
    }))
    .filter(({ cost, unpriced }) => cost !== '0' || unpriced !== '0');
  if (changes.length === 0) return;
  await client.query(
    `insert into analytics.daily_books as b (org_id, type, day, ${bookedColumns.join(', ')})
     select c.org_id, $1, c.day, ${bookedColumns.map((column) => (isCost(column) ? `c.${column}` : '0')).join(', ')}
     from json_to_recordset($2::json) as c (org_id text, day timestamptz, cost numeric, unpriced bigint)
     where c.day >= coalesce(
       (select removed_before from analytics.removals where what = 'unbooked_events'), '-infinity')
     on conflict (org_id, type, day) do update set
       cost = b.cost + excluded.cost, unpriced = b.unpriced + excluded.unpriced`,
    [type, JSON.stringify(changes)],
  );
}

function isCost(column: BookedColumn): boolean {
  return column === 'cost' || column === 'unpriced';
}
