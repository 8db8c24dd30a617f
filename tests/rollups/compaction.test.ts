import { beforeEach, expect, test } from 'vitest';
import { promoteAll, rollUp } from '../../src/rollups/fold/roll-up.ts';
import { grainNamed, grains } from '../../src/rollups/grains.ts';
import { compact } from '../../src/rollups/upkeep/compact.ts';
import { grainsThatDiffer, rowsOf } from '../support/answers/rollup-totals.ts';
import { useDatabase } from '../support/database/database.ts';
import { usageMaker } from '../support/events/fixtures.ts';
import { useIngestion } from '../support/events/ingestion.ts';

const database = useDatabase();
const ingestion = useIngestion(database);
const makeUsage = usageMaker(9);

function usageAt(moment: number) {
  return makeUsage({
    occurredAt: new Date(moment).toISOString(),
    orgId: 'acme',
    modelId: 'm',
    clientId: 'c',
    status: 'error',
    errorCode: 'e',
  });
}

/** Compacts every grain. The buckets of the tests have long ended. */
const past = Date.now() - 15 * 24 * 3_600_000;
const week = grainNamed('week');

async function compactAll() {
  for (const grain of grains) while ((await compact(database.pool, grain)) > 0);
}

function rowsByGrain() {
  return Promise.all(grains.map(({ name }) => rowsOf(database.pool, name)));
}

beforeEach(async () => {
  await database.pool.query(
    'truncate analytics.events, analytics.event_keys, analytics.ingestion_batches, analytics.rollups, analytics.folds',
  );
});

async function storeInFolds(folds: number, moment: number) {
  for (let i = 0; i < folds; i++) {
    await ingestion.store(usageAt(moment));
    await rollUp(database.pool);
  }
}

test('the many partial rows of a closed bucket become one with the same sums', async () => {
  await storeInFolds(30, past);
  for (const _ of [1, 2]) {
    await promoteAll(database.pool, week);
    await storeInFolds(10, past);
  }
  await promoteAll(database.pool, week);
  expect((await rowsByGrain())[0]).toBe(50);
  await compactAll();
  expect(await rowsByGrain()).toEqual([1, 1, 1, 1, 1]);
  expect(await grainsThatDiffer(database.pool)).toEqual([]);
  expect(await compact(database.pool, grainNamed('minute'))).toBe(0);
});

test('partial rows that are not yet promoted stay as they are', async () => {
  await storeInFolds(3, past);
  await promoteAll(database.pool, week);
  await storeInFolds(4, past);
  await compactAll();
  expect(await rowsByGrain()).toEqual([5, 1, 1, 1, 1]);
  expect(await grainsThatDiffer(database.pool)).toEqual([]);
  await promoteAll(database.pool, week);
  await compactAll();
  expect(await rowsByGrain()).toEqual([1, 1, 1, 1, 1]);
  expect(await grainsThatDiffer(database.pool)).toEqual([]);
});

test('a late event in a compacted bucket is merged into it', async () => {
  await storeInFolds(5, past);
  await promoteAll(database.pool, week);
  await compactAll();
  await storeInFolds(1, past);
  await promoteAll(database.pool, week);
  expect((await rowsByGrain())[0]).toBe(2);
  await compactAll();
  expect(await rowsByGrain()).toEqual([1, 1, 1, 1, 1]);
  expect(await grainsThatDiffer(database.pool)).toEqual([]);
});

test('a bucket that has not ended is left alone', async () => {
  const nextHour = Date.now() + 5 * 60_000;
  await storeInFolds(3, nextHour);
  await promoteAll(database.pool, week);
  await compactAll();
  expect((await rowsByGrain())[0]).toBe(3);
});

test('concurrent compactions merge every row once', async () => {
  await storeInFolds(12, past);
  await storeInFolds(12, past + 60_000);
  await promoteAll(database.pool, week);
  await Promise.all([compactAll(), compactAll(), compactAll()]);
  expect(await grainsThatDiffer(database.pool)).toEqual([]);
});
