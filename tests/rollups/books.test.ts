import { beforeEach, describe, expect, test } from 'vitest';
import { promoteAll, rollUp } from '../../src/rollups/fold/roll-up.ts';
import { grainNamed } from '../../src/rollups/grains.ts';
import { differingColumns, reconcileDays } from '../../src/rollups/reconcile/days.ts';
import { applyRetention } from '../../src/rollups/upkeep/retention.ts';
import { DAY } from '../../src/time.ts';
import { usualRetention } from '../support/answers/retention.ts';
import { useDatabase } from '../support/database/database.ts';
import { usageMaker } from '../support/events/fixtures.ts';
import { useIngestion } from '../support/events/ingestion.ts';
import { makeJob } from '../support/events/ml-jobs.ts';

const database = useDatabase();
const noon = Date.UTC(2026, 10, 18, 12);
const ingestion = useIngestion(database, { now: () => noon });
const makeUsage = usageMaker(5, noon);

function usageAt(moment: number, orgId = 'acme') {
  return makeUsage({
    ...{ occurredAt: new Date(moment).toISOString(), orgId, status: 'timeout', costEstimateCents: 1.25 },
    ...{ inputTokens: 100, cachedInputTokens: 40, outputTokens: 7, latencyMs: 3 },
  });
}

beforeEach(async () => {
  await database.pool.query(
    `truncate analytics.events, analytics.event_keys, analytics.event_keys_previous, analytics.ingestion_batches,
       analytics.rollups, analytics.folds, analytics.removals, analytics.daily_books, analytics.booked_days`,
  );
});

async function rollUpAll(): Promise<void> {
  while ((await rollUp(database.pool)) > 0);
}

function retain() {
  return applyRetention({ ...usualRetention(database.pool), now: noon });
}

function daysOf(orgId: string) {
  return reconcileDays(database.pool, {
    orgId,
    from: new Date(noon - 20.5 * DAY),
    to: new Date(noon + DAY / 2),
  });
}

/** The events of each day, with the source that they are counted from. */
async function eventsOf(orgId = 'acme') {
  const days = await daysOf(orgId);
  expect(days.filter((day) => differingColumns(day).length > 0)).toEqual([]);
  return days.map(({ day, source, raw }) => [day.toISOString().slice(5, 10), source, Number(raw.events)]);
}

test('a day that retention has removed has its totals in the book', async () => {
  await ingestion.store(
    usageAt(noon - 9 * DAY),
    usageAt(noon - 9 * DAY),
    usageAt(noon),
    usageAt(noon - 9 * DAY, 'globex'),
  );
  await rollUpAll();
  await retain();
  expect(await eventsOf()).toEqual([
    ['11-09', 'book', 2],
    ['11-18', 'raw', 1],
  ]);
  expect(await eventsOf('globex')).toEqual([['11-09', 'book', 1]]);
  const [booked] = await daysOf('acme');
  expect(booked?.raw).toEqual({
    ...{ events: 2n, failed: 2n, unpriced: 0n, value: 6_000n, cost: 25_000_000n },
    ...{ input_tokens: 200n, cached_input_tokens: 80n, output_tokens: 14n },
  });
});

describe('late events are booked once', () => {
  test('of a day that is booked and still has raw events', async () => {
    await ingestion.store(usageAt(noon - 2 * DAY));
    await rollUpAll();
    await retain();
    await ingestion.store(usageAt(noon - 2 * DAY));
    await rollUpAll();
    expect(await eventsOf()).toEqual([['11-16', 'raw', 2]]);
    await retain();
    await retain();
    expect(await eventsOf()).toEqual([['11-16', 'raw', 2]]);
    const { rows } = await database.pool.query(`select events from analytics.daily_books`);
    expect(rows).toEqual([{ events: 2 }]);
  });

  test('of a day whose raw events were removed', async () => {
    await ingestion.store(usageAt(noon - 9 * DAY));
    await rollUpAll();
    await retain();
    await ingestion.store(usageAt(noon - 9 * DAY));
    // Waits for its roll-up, so it is on neither side.
    expect(await eventsOf()).toEqual([['11-09', 'book', 1]]);
    await retain();
    expect(await eventsOf()).toEqual([['11-09', 'book', 1]]);
    await rollUpAll();
    expect(await eventsOf()).toEqual([['11-09', 'book', 2]]);
    await retain();
    await retain();
    expect(await eventsOf()).toEqual([['11-09', 'book', 2]]);
  });

  test('whatever is stored, rolled up and removed at the same time', async () => {
    for (let round = 0; round < 6; round++) {
      await Promise.all([
        ingestion.store(usageAt(noon - 9 * DAY), usageAt(noon - 3 * DAY)),
        ingestion.store(usageAt(noon - 9 * DAY), usageAt(noon - 8 * DAY)),
        rollUp(database.pool),
        retain(),
        rollUp(database.pool),
      ]);
      await eventsOf();
    }
    await rollUpAll();
    await Promise.all([retain(), retain()]);
    await promoteAll(database.pool, grainNamed('day'));
    expect(await eventsOf()).toEqual([
      ['11-09', 'book', 12],
      ['11-10', 'book', 6],
      ['11-15', 'raw', 6],
    ]);
  });
});

test('a removal that is interrupted leaves the day and its book as they were', async () => {
  await ingestion.store(usageAt(noon - 9 * DAY));
  await rollUpAll();
  const reader = await database.pool.connect();
  await reader.query('begin; lock table analytics.events in access share mode');
  // Gives up after its lock timeout.
  await retain();
  await reader.query('rollback');
  reader.release();
  expect(await eventsOf()).toEqual([['11-09', 'raw', 1]]);
  await retain();
  expect(await eventsOf()).toEqual([['11-09', 'book', 1]]);
});

test('a day of which a version without books removed events has nothing to compare with', async () => {
  await ingestion.store(usageAt(noon - 9 * DAY));
  await rollUpAll();
  await database.pool.query(
    `insert into analytics.removals values ('events', '2026-11-10'), ('unbooked_events', '2026-11-10')`,
  );
  expect(await eventsOf()).toEqual([['11-09', 'unknown', 1]]);
});

test('a drift is found, also on a day that only its book remembers', async () => {
  await ingestion.store(usageAt(noon - 9 * DAY), usageAt(noon));
  await rollUpAll();
  await retain();
  await database.pool.query(`update analytics.rollups set cost = cost + 1 where org_id = 'acme'`);
  const days = await daysOf('acme');
  expect(days.map(differingColumns)).toEqual([['cost'], ['cost']]);
});

test('events of unknown cost are counted apart', async () => {
  const occurredAt = new Date(noon - 9 * DAY).toISOString();
  await ingestion.store(
    makeJob({ orgId: 'acme', occurredAt, provider: 'nobody' }),
    makeJob({ orgId: 'acme', occurredAt, provider: 'nobody', costCents: 2 }),
  );
  await rollUpAll();
  await retain();
  const [booked] = await daysOf('acme');
  expect(booked).toMatchObject({ type: 'ml_job', raw: { events: 2n, unpriced: 1n, cost: 20_000_000n } });
  expect(booked?.rollups).toEqual(booked?.raw);
});

test('the day of a booking keeps what arrived on it', async () => {
  const event = usageAt(noon - 9 * DAY);
  await ingestion.store(event, usageAt(noon - 9 * DAY));
  await ingestion.store(event);
  await rollUpAll();
  await database.pool.query(`update analytics.ingestion_batches set completed_at = $1`, [
    new Date(noon - 9 * DAY),
  ]);
  await retain();
  const { rows } = await database.pool.query(`select * from analytics.booked_days where day = '2026-11-09'`);
  expect(rows).toEqual([
    {
      ...{ day: new Date(Date.UTC(2026, 10, 9)), up_to_batch: expect.any(Number) },
      ...{ received: 3, stored: 2, duplicates: 1, conflicts: 0, rejected: 0 },
    },
  ]);
});
