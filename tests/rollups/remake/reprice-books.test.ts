import { expect, test } from 'vitest';
import { promoteAll } from '../../../src/rollups/fold/roll-up.ts';
import { grainNamed } from '../../../src/rollups/grains.ts';
import { differingColumns, reconcileDays } from '../../../src/rollups/reconcile/days.ts';
import { recordRemoval } from '../../../src/rollups/upkeep/record-removal.ts';
import { applyRetention } from '../../../src/rollups/upkeep/retention.ts';
import { DAY } from '../../../src/time.ts';
import { silentLog } from '../../support/events/ingestion.ts';
import { makeJob } from '../../support/events/ml-jobs.ts';
import { putPrice } from '../../support/events/prices.ts';
import { useRepricing } from '../../support/events/repricing.ts';

const { database, ingestion, at, now, rollUpAll, storeJobs, show, apply } = useRepricing();

/** Books all days that have ended, and removes the raw events of some. */
function retain(rawRetention: number) {
  return applyRetention({ pool: database.pool, log: silentLog, rawRetention, dedupWindow: 400 * DAY, now });
}

async function booksOf(orgId: string) {
  const days = await reconcileDays(database.pool, { orgId, from: at('01T00:00'), to: at('20T00:00') });
  expect(days.filter((day) => differingColumns(day).length > 0)).toEqual([]);
  const sum = (of: 'cost' | 'unpriced' | 'events') => days.reduce((total, { raw }) => total + raw[of], 0n);
  return { cost: sum('cost'), unpriced: sum('unpriced'), events: sum('events') };
}

/** Halves are rounded, so the price is by the job: what a repricing changes is then known exactly. */
async function priceJobs(centsPerJob: number): Promise<void> {
  for (const provider of ['replicate', 'gemini', 'tripo'])
    await putPrice(database.pool, { provider, effectiveFrom: `2026-11-0${centsPerJob}`, centsPerJob });
}

const where = [
  { title: 'with all raw events', rawRetention: 30 * DAY },
  { title: 'of some days whose raw events are gone', rawRetention: 7 * DAY },
];

for (const { title, rawRetention } of where) {
  test(`booked costs follow a repricing ${title}`, async () => {
    await storeJobs();
    await rollUpAll();
    await promoteAll(database.pool, grainNamed('week'));
    await retain(rawRetention);
    const before = await booksOf('acme');
    expect(before.unpriced).toBeGreaterThan(0n);
    await priceJobs(1);
    // Changes nothing, so it must not touch the books either.
    await show();
    expect(await booksOf('acme')).toEqual(before);
    await apply();
    const after = await booksOf('acme');
    expect(after).toEqual({
      ...before,
      unpriced: 0n,
      cost: before.cost + before.unpriced * 10_000_000n,
    });
    await apply();
    expect(await booksOf('acme')).toEqual(after);
  });

  test(`late events are repriced and booked once ${title}`, async () => {
    await storeJobs();
    await rollUpAll();
    await retain(rawRetention);
    const late = (time: string) =>
      makeJob({ orgId: 'late', occurredAt: at(time).toISOString(), provider: 'tripo' });
    // One is booked, one is rolled up and not booked, and one waits.
    await ingestion.store(late('05T10:00'), late('14T10:00'));
    await rollUpAll();
    await retain(rawRetention);
    await ingestion.store(late('05T11:00'), late('14T11:00'));
    await rollUpAll();
    await ingestion.store(late('05T12:00'), late('14T12:00'));
    await priceJobs(1);
    await apply();
    expect(await booksOf('late')).toEqual({ events: 4n, unpriced: 0n, cost: 40_000_000n });
    await rollUpAll();
    expect(await booksOf('late')).toEqual({ events: 6n, unpriced: 0n, cost: 60_000_000n });
    await retain(rawRetention);
    expect(await booksOf('late')).toEqual({ events: 6n, unpriced: 0n, cost: 60_000_000n });
    await booksOf('acme');
  });
}

test('late events are repriced of a day that was removed before anything of it was booked', async () => {
  await recordRemoval(database.pool, 'events', at('15T00:00'));
  await ingestion.store(
    makeJob({ orgId: 'late', occurredAt: at('05T10:00').toISOString(), provider: 'tripo' }),
  );
  await rollUpAll();
  await priceJobs(1);
  await apply();
  expect(await booksOf('late')).toEqual({ events: 1n, unpriced: 0n, cost: 10_000_000n });
  await retain(7 * DAY);
  expect(await booksOf('late')).toEqual({ events: 1n, unpriced: 0n, cost: 10_000_000n });
});

test('costs are booked right while a repricing runs beside the booking', async () => {
  await storeJobs();
  await rollUpAll();
  await priceJobs(1);
  const loops = async () => {
    for (let round = 0; round < 4; round++) await retain(7 * DAY);
  };
  await Promise.all([apply(), loops()]);
  await booksOf('acme');
  await booksOf('globex');
});
