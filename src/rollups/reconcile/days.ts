import type { Pool, PoolClient } from 'pg';
import { citusState } from '../../database/extensions/citus.ts';
import { withTransaction } from '../../database/pool.ts';
import { catalogue } from '../../events/catalogue.ts';
import { DAY } from '../../time.ts';
import { type BookedDay, bookedDays, isUnbooked } from '../books/booked-days.ts';
import {
  addTotals,
  type BookedColumn,
  type BookTotals,
  bookedColumns,
  measuredColumns,
  measuresSql,
  noTotals,
} from '../books/measures.ts';
import { bucketSql, grainNamed } from '../grains.ts';
import { eventsKeptFrom } from '../org-removals.ts';
import { readAllAsOne } from '../remake/remake.ts';
import { rollupRowsSql } from '../rows/rollup-rows.ts';
import { listEventDays } from '../upkeep/event-days.ts';

/** An org, and a range of whole UTC days. */
export interface OrgDays {
  orgId: string;
  from: Date;
  to: Date;
  /** Only these types; by default all that have events. */
  types?: readonly string[];
  /** As `batchesStoredUpTo` returns it. */
  upTo: number | undefined;
}

/**
 * Where the numbers of a day come from that rollups are compared with. `unknown`: its raw events were removed by a version
 * that kept no books.
 */
export type DaySource = 'raw' | 'book' | 'unknown';

/** A type's numbers of a day, on both sides. */
export interface ComparedDay {
  day: Date;
  type: string;
  source: DaySource;
  /** Of the raw events. */
  raw: BookTotals;
  rollups: BookTotals;
}

type TotalsRow = Record<BookedColumn, string | number> & { day: Date; type: string };

const day = grainNamed('day');
/** Types without raw events. */
const derived = catalogue.filter((definition) => definition.derived).map(({ type }) => type);

/** Compares an org's days in a transaction of its own. */
export async function reconcileDays(pool: Pool, days: Omit<OrgDays, 'upTo'>): Promise<ComparedDay[]> {
  const state = await citusState(pool);
  return withTransaction(pool, async (client) => {
    const upTo = await readAllAsOne(client, state);
    return compareDays(client, { ...days, upTo });
  });
}

/**
 * Compares an org's rollups of each day and type with its raw events: what is booked of them, and what is not booked yet.
 * Events that wait for their roll-up are on neither side. The transaction must read all as one (`readAllAsOne`).
 * @returns days in order, those without any event left out
 */
export async function compareDays(client: PoolClient, days: OrgDays): Promise<ComparedDay[]> {
  const compared = new Map<string, ComparedDay>();
  const sourceOf = await sources(client, days.orgId);
  const add = (side: 'raw' | 'rollups', rows: readonly TotalsRow[]) => {
    for (const row of rows) {
      const key = `${row.day.getTime()} ${row.type}`;
      const found = compared.get(key) ?? {
        ...{ day: row.day, type: row.type, source: sourceOf(row.day.getTime()) },
        ...{ raw: noTotals(), rollups: noTotals() },
      };
      addTotals(found[side], row);
      compared.set(key, found);
    }
  };
  add('rollups', await rolledUpDays(client, days));
  // A repricing corrects the book of a day of which nothing was booked yet, too.
  add('raw', await bookOf(client, days));
  for (const row of await unbookedDays(client, days, await bookedDays(client, days))) add('raw', [row]);
  return [...compared.values()].sort(
    (a, b) => a.day.getTime() - b.day.getTime() || (a.type < b.type ? -1 : 1),
  );
}

/** The numbers that differ. A day of unknown source has nothing to compare with. */
export function differingColumns({ source, raw, rollups }: ComparedDay): BookedColumn[] {
  return source === 'unknown' ? [] : bookedColumns.filter((column) => raw[column] !== rollups[column]);
}

async function sources(client: PoolClient, orgId: string): Promise<(day: number) => DaySource> {
  const { rows } = await client.query<{ removed_before: Date }>(
    `select removed_before from analytics.removals where what = 'unbooked_events'`,
  );
  const unbookedBefore = rows[0]?.removed_before.getTime() ?? Number.NEGATIVE_INFINITY;
  const bookedBefore = (await eventsKeptFrom(client, orgId))?.getTime() ?? Number.NEGATIVE_INFINITY;
  return (at) => {
    if (at < unbookedBefore) return 'unknown';
    return at < bookedBefore ? 'book' : 'raw';
  };
}

function isOfTypes(alias: string): string {
  return `${alias}type <> all ($4::text[]) and ($5::text[] is null or ${alias}type = any ($5::text[]))`;
}

function valuesOf({ orgId, from, to, types }: OrgDays): unknown[] {
  return [orgId, from, to, derived, types ?? null];
}

async function rolledUpDays(client: PoolClient, days: OrgDays): Promise<TotalsRow[]> {
  const { rows } = await client.query<TotalsRow>(
    `select ${bucketSql(day, 'r.bucket_start')} as day, r.type, ${measuresSql('rolledUp')}
     from (${rollupRowsSql(
       [{ grain: day, condition: 'r.bucket_start >= $2 and r.bucket_start < $3' }],
       ['org_id', 'type', 'series_id', 'bucket_start', ...measuredColumns],
       `r.org_id = $1 and ${isOfTypes('r.')}`,
     )}) as r
     join analytics.series s on s.org_id = r.org_id and s.series_id = r.series_id
     group by 1, 2`,
    valuesOf(days),
  );
  return rows;
}

async function bookOf(client: PoolClient, days: OrgDays): Promise<TotalsRow[]> {
  const { rows } = await client.query<TotalsRow>(
    `select day, type, ${bookedColumns.map((column) => `${column}::text as ${column}`).join(', ')}
     from analytics.daily_books
     where org_id = $1 and day >= $2 and day < $3 and ${isOfTypes('')}`,
    valuesOf(days),
  );
  return rows;
}

/**
 * Asks day by day, so that only the partitions are read that exist. Of a booked day only the events of later batches are
 * read, by the index of batches.
 */
async function unbookedDays(
  client: PoolClient,
  days: OrgDays,
  booked: readonly BookedDay[],
): Promise<TotalsRow[]> {
  const upTo = new Map(booked.map((each) => [each.day, each.upTo]));
  const found: TotalsRow[] = [];
  for (const { from } of await listEventDays(client)) {
    if (from < days.from || from >= days.to) continue;
    const { rows } = await client.query<TotalsRow>(
      `select $2::timestamptz as day, type, ${measuresSql('raw')}
       from analytics.events
       where org_id = $1 and occurred_at >= $2 and occurred_at < $3 and ${isOfTypes('')}
         and ${isUnbooked(upTo.get(from.getTime()) ?? 0, days.upTo)}
       group by type`,
      valuesOf({ ...days, from, to: new Date(from.getTime() + DAY) }),
    );
    found.push(...rows);
  }
  return found;
}
