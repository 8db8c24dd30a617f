import { beforeEach, describe, expect, test } from 'vitest';
import { promoteAll, rollUp } from '../../src/rollups/fold/roll-up.ts';
import { grainNamed } from '../../src/rollups/grains.ts';
import { rebuild } from '../../src/rollups/remake/rebuild.ts';
import { applyRetention } from '../../src/rollups/upkeep/retention.ts';
import { DAY, HOUR } from '../../src/time.ts';
import { usualRetention } from '../support/answers/retention.ts';
import { rowsOf } from '../support/answers/rollup-totals.ts';
import { useDatabase } from '../support/database/database.ts';
import { usageMaker } from '../support/events/fixtures.ts';
import { silentLog, useIngestion } from '../support/events/ingestion.ts';

const database = useDatabase();
const noon = Date.UTC(2026, 10, 18, 12);
let now = noon;
const ingestion = useIngestion(database, { now: () => now });
const makeUsage = usageMaker(3, noon);

function usageAt(moment: number) {
  return makeUsage({ occurredAt: new Date(moment).toISOString(), orgId: 'acme' });
}

beforeEach(async () => {
  now = noon;
  await database.pool.query(
    `truncate analytics.events, analytics.event_keys, analytics.event_keys_previous, analytics.key_generations,
       analytics.ingestion_batches, analytics.rollups, analytics.folds, analytics.removals`,
  );
  await database.pool.query('insert into analytics.key_generations values ($1)', [new Date(noon)]);
});

function retain(options: { rawRetention?: number; dedupWindow?: number } = {}) {
  return applyRetention({ ...usualRetention(database.pool), now, ...options });
}

async function daysOfEvents(): Promise<string[]> {
  const { rows } = await database.pool.query<{ day: string }>(
    `select distinct occurred_at::date::text as day from analytics.events order by 1`,
  );
  return rows.map(({ day }) => day.slice(5));
}

describe('raw events', () => {
  test('are removed by the day, once the day is past its retention and rolled up', async () => {
    await ingestion.store(
      usageAt(noon),
      usageAt(noon - 7 * DAY),
      usageAt(noon - 8 * DAY),
      usageAt(noon - 9 * DAY),
    );
    await rollUp(database.pool);
    await retain();
    // The 11th began within seven days of now. Days that ended before are removed.
    expect(await daysOfEvents()).toEqual(['11-11', '11-18']);
    const { rows } = await database.pool.query('select * from analytics.removals');
    expect(rows).toEqual([{ what: 'events', removed_before: new Date('2026-11-11T00:00Z') }]);
  });

  test('stay while a batch with events of their day waits for its roll-up', async () => {
    await ingestion.store(usageAt(noon - 9 * DAY));
    await rollUp(database.pool);
    await ingestion.store(usageAt(noon - 10 * DAY), usageAt(noon - 8 * DAY));
    await retain();
    expect(await daysOfEvents()).toEqual(['11-08', '11-09', '11-10']);
    await rollUp(database.pool);
    await retain();
    expect(await daysOfEvents()).toEqual([]);
    expect(await rowsOf(database.pool, 'minute')).toBe(3);
  });

  test('that come after their day was removed are still counted', async () => {
    await ingestion.store(usageAt(noon - 8 * DAY));
    await rollUp(database.pool);
    await retain();
    expect(await ingestion.store(usageAt(noon - 8 * DAY))).toMatchObject({ stored: 1 });
    await rollUp(database.pool);
    await retain();
    expect(await daysOfEvents()).toEqual([]);
    expect(await rowsOf(database.pool, 'minute')).toBe(2);
  });
});

describe('rollups', () => {
  test('are removed from a grain past its retention, once they are promoted', async () => {
    await ingestion.store(usageAt(noon - HOUR), usageAt(noon - 3 * DAY), usageAt(noon - 91 * DAY));
    await rollUp(database.pool);
    await retain({ rawRetention: 400 * DAY });
    expect(await rowsOf(database.pool, 'minute')).toBe(3);

    await promoteAll(database.pool, grainNamed('week'));
    await retain({ rawRetention: 400 * DAY });
    const left = await Promise.all(
      (['minute', 'quarter_hour', 'hour', 'day', 'week'] as const).map((name) => rowsOf(database.pool, name)),
    );
    expect(left).toEqual([1, 2, 2, 3, 3]);
  });

  test('that are removed are recorded', async () => {
    await ingestion.store(usageAt(noon - 3 * DAY));
    await rollUp(database.pool);
    await promoteAll(database.pool, grainNamed('hour'));
    await retain();
    const { rows } = await database.pool.query(`select * from analytics.removals where what <> 'events'`);
    expect(rows).toEqual([{ what: 'minute', removed_before: new Date(noon - 2 * DAY) }]);
  });
});

describe('event ids', () => {
  const dedupWindow = 32 * DAY;
  const daysLater = (days: number) => {
    now = noon + days * DAY;
  };

  test('are remembered for at least the window, also across generations', async () => {
    daysLater(31);
    const event = usageAt(now);
    expect(await ingestion.store(event)).toMatchObject({ stored: 1 });
    daysLater(33);
    await retain({ dedupWindow });
    const replay = { ...event, occurredAt: event.occurredAt };
    expect(await ingestion.store(replay)).toMatchObject({ stored: 0, duplicates: 1 });
    expect(await ingestion.store({ ...event, latencyMs: 1 })).toMatchObject({ stored: 0, conflicts: 1 });
    daysLater(33 + 31);
    await retain({ dedupWindow });
    expect(await ingestion.store(event)).toMatchObject({ duplicates: 1 });
  });

  test('are forgotten after two windows at the latest', async () => {
    const event = usageAt(now);
    await ingestion.store(event);
    for (const days of [33, 66]) {
      daysLater(days);
      await retain({ dedupWindow });
    }
    expect(await ingestion.store(event)).toMatchObject({ stored: 1 });
  });

  test('change generation under load without losing or doubling any', async () => {
    const events = Array.from({ length: 300 }, () => usageAt(noon + 33 * DAY));
    daysLater(33);
    const sendAll = async () => {
      let stored = 0;
      for (const event of events) stored += (await ingestion.store(event)).stored;
      return stored;
    };
    const [first, second] = await Promise.all([sendAll(), sendAll(), retain({ dedupWindow })]);
    expect(first + second).toBe(300);
    const { rows } = await database.pool.query('select count(*) from analytics.events');
    expect(rows).toEqual([{ count: 300 }]);
  });
});

describe('a removal that waits for a reader', () => {
  /** Waits until this many sessions wait for a lock in this database. */
  const waiting = (count: number) =>
    expect
      .poll(async () => {
        const { rows } = await database.pool.query<{ count: number }>(
          `select count(distinct pid) from pg_locks
           where not granted and database = (select oid from pg_database where datname = current_database())`,
        );
        return rows[0]?.count;
      })
      .toBe(count);
  /** Reads the table until it is told to stop. */
  const reader = async (table: string) => {
    const client = await database.pool.connect();
    await client.query(`begin; lock table analytics.${table} in access share mode`);
    return async () => {
      await client.query('commit');
      client.release();
    };
  };

  test('changes the generation of ids once, even in two runs at once', async () => {
    now = noon + 33 * DAY;
    const event = usageAt(now);
    await ingestion.store(event);
    const done = await reader('event_keys');
    const later = { pool: database.pool, log: silentLog, rawRetention: 7 * DAY, dedupWindow: 32 * DAY };
    const runs = [
      applyRetention({ ...later, now }),
      // By a clock that is slightly ahead.
      applyRetention({ ...later, now: now + 5 }),
    ];
    await waiting(2);
    await done();
    await Promise.all(runs);
    expect(await ingestion.store(event)).toMatchObject({ stored: 0, duplicates: 1 });
  });

  test('is not overlooked by a rebuild of its day', async () => {
    const day = noon - 10 * DAY;
    await ingestion.store(usageAt(day));
    await rollUp(database.pool);
    await promoteAll(database.pool, grainNamed('day'));
    const done = await reader('events');
    const removal = retain();
    await waiting(1);
    const rebuilt = rebuild(database.pool, { from: new Date(day), to: new Date(day + 1) }).catch(
      (error: unknown) => error,
    );
    await waiting(2);
    await done();
    await removal;
    expect(await rebuilt).toMatchObject({ code: 'range_not_kept' });
    expect(await rowsOf(database.pool, 'day')).toBe(1);
  });
});

test('books of old batches and folds are removed, unless they wait', async () => {
  await ingestion.store(usageAt(noon));
  await rollUp(database.pool);
  await ingestion.store(usageAt(noon));
  await database.pool.query(`update analytics.ingestion_batches set completed_at = $1`, [
    new Date(noon - 36 * DAY),
  ]);
  await database.pool.query(
    'insert into analytics.folds (grain, compacted, created_at, consumed_at) values ($1, true, $2, $2)',
    ['hour', new Date(noon - 2 * DAY)],
  );
  await retain();
  const { rows } = await database.pool.query(
    `select (select count(*) from analytics.ingestion_batches) as batches, (select count(*) from analytics.folds) as folds`,
  );
  expect(rows).toEqual([{ batches: 1, folds: 1 }]);
});
