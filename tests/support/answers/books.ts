import { expect } from 'vitest';
import type { Database } from '../../../src/database/pool.ts';
import { reconcile } from '../../../src/rollups/reconcile/reconcile.ts';
import { MINUTE } from '../../../src/time.ts';
import type { TestDatabase } from '../database/database.ts';

/** What senders know of their events, by event id. */
export interface SentEvents {
  /** Acknowledged events, which must be stored. */
  acknowledged: ReadonlySet<string>;
  /** Events that were sent and never acknowledged. */
  unknown: ReadonlySet<string>;
}

const patience = { timeout: 2 * MINUTE, interval: 50 };

/** The ids of several senders together. */
export function sentBy(senders: readonly SentEvents[]): SentEvents {
  return {
    acknowledged: new Set(senders.flatMap(({ acknowledged }) => [...acknowledged])),
    unknown: new Set(senders.flatMap(({ unknown }) => [...unknown])),
  };
}

async function count(pool: Database, sql: string): Promise<number> {
  return Number((await pool.query<{ count: number }>(`select count(*) as count ${sql}`)).rows[0]?.count);
}

/** Returns once all stored events are rolled up, by whatever worker runs. */
export function allRolledUp(pool: TestDatabase['pool']): Promise<unknown> {
  return expect
    .poll(() => count(pool, 'from analytics.ingestion_batches where rolled_up_at is null'), patience)
    .toBe(0);
}

/**
 * Checks that every acknowledged event is stored once and nothing else is, that every batch adds up, and that
 * the rollups are those of the raw events. A worker must be running. Returns the number of events.
 */
export async function expectHonestBooks(pool: TestDatabase['pool'], sent: SentEvents): Promise<number> {
  await allRolledUp(pool);
  const { rows } = await pool.query<{ id: string; times: number }>(
    'select event_id::text as id, count(*) as times from analytics.events group by 1',
  );
  const times = new Map(rows.map((row) => [row.id, row.times]));
  expect(sent.acknowledged.size).toBeGreaterThan(0);
  expect([...sent.acknowledged].filter((id) => times.get(id) !== 1)).toEqual([]);
  expect(rows.filter((row) => row.times !== 1)).toEqual([]);
  expect(rows.filter(({ id }) => !sent.acknowledged.has(id) && !sent.unknown.has(id))).toEqual([]);

  const batches = await pool.query(
    `select sum(stored)::int as stored,
       count(*) filter (where received <> stored + duplicates + conflicts + rejected)::int as unbalanced
     from analytics.ingestion_batches`,
  );
  expect(batches.rows[0]).toEqual({ stored: times.size, unbalanced: 0 });
  const { rows: compared, drifts } = await reconcile(pool);
  expect({ compared, drifts }).toEqual({ compared: times.size, drifts: [] });
  return times.size;
}
