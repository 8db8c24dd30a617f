import type { PoolClient } from 'pg';
import { expect, test } from 'vitest';
import { withTransaction } from '../../src/database/pool.ts';
import { ALL_ORGS } from '../../src/events/all-orgs.ts';
import { foldCustomers } from '../../src/rollups/fold/customers.ts';
import { promote, rollUp } from '../../src/rollups/fold/roll-up.ts';
import { type Grain, grainNamed, grains } from '../../src/rollups/grains.ts';
import { reconcile } from '../../src/rollups/reconcile/reconcile.ts';
import { compact } from '../../src/rollups/upkeep/compact.ts';
import { RollupWorker } from '../../src/rollups/worker.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { HOUR, sleep } from '../../src/time.ts';
import { grainsThatDiffer, rawTotals, rollupTotals } from '../support/answers/rollup-totals.ts';
import { useDatabase } from '../support/database/database.ts';
import { usageMaker } from '../support/events/fixtures.ts';
import { silentLog, useIngestion } from '../support/events/ingestion.ts';

const database = useDatabase();
const ingestion = useIngestion(database);

/** Stores events of three days and three orgs, in small submissions. */
async function write(seed: number, submissions: number) {
  const makeUsage = usageMaker(seed);
  for (let i = 0; i < submissions; i++) {
    const events = Array.from({ length: 20 }, (_, j) =>
      makeUsage({
        orgId: ['acme', 'globex', 'initech'][(i + j) % 3] ?? 'acme',
        occurredAt: new Date(Date.now() - ((i * 7 + j * 13) % 72) * HOUR).toISOString(),
      }),
    );
    await ingestion.store(...events);
  }
}

test('concurrent workers, writers and compactions give the sums of the events', async () => {
  const workers = Array.from(
    { length: 3 },
    () =>
      new RollupWorker({
        pool: database.pool,
        log: silentLog,
        metrics: createMetrics(),
        interval: 1,
        onRolledUp: async () => {},
      }),
  );
  for (const worker of workers) worker.start();
  let writing = true;
  const promoteAndCompact = async () => {
    while (writing) {
      for (const grain of grains) await promote(database.pool, grain);
      for (const grain of grains) await compact(database.pool, grain);
      await sleep(5);
    }
  };
  // At any moment a reader sees each folded batch once and whole, at every grain.
  const mismatches: string[] = [];
  const read = async () => {
    while (writing) {
      for (const grain of grains) if (!(await countsOfOneSnapshotAgree(grain))) mismatches.push(grain.name);
      await sleep(5);
    }
  };
  const others = [promoteAndCompact(), promoteAndCompact(), read()];
  await Promise.all([write(1, 60), write(2, 60)]);
  writing = false;
  await Promise.all(others);
  for (const worker of workers) await worker.stop();
  while ((await rollUp(database.pool)) > 0);

  expect(mismatches).toEqual([]);
  expect(await grainsThatDiffer(database.pool)).toEqual([]);
  expect((await reconcile(database.pool)).drifts).toEqual([]);
  const weeks = await rollupTotals(database.pool, grainNamed('week'));
  const countOf = (some: typeof weeks) => some.reduce((sum, { count }) => sum + Number(count), 0);
  expect(countOf(weeks.filter(({ org_id }) => org_id !== ALL_ORGS))).toBe(2 * 60 * 20);
  expect(countOf(weeks.filter(({ org_id }) => org_id === ALL_ORGS))).toBe(2 * 60 * 20);
});

test('a batch that arrives during a fold is folded in the next round', async () => {
  const metrics = createMetrics();
  // A round ends with the measurement of the lag, which is that of the batch that waits.
  const lags: (number | undefined)[] = [];
  const worker = new RollupWorker({
    pool: database.pool,
    log: silentLog,
    metrics,
    interval: HOUR,
    onRolledUp: async () => {
      lags.push((await metrics.rollupLagSeconds.get()).values[0]?.value);
      if (lags.length === 1) await write(4, 1);
    },
  });
  await write(3, 1);
  worker.start();
  await expect.poll(() => lags.length, { timeout: 60_000 }).toBe(2);
  await worker.stop();

  expect(lags).toEqual([0, expect.any(Number)]);
  expect(lags[1]).toBeGreaterThan(0);
});

test('the orders of customers can be vacuumed while a fold adds to them', async () => {
  const vacuum = await database.pool.connect();
  try {
    await withTransaction(database.pool, async (client) => {
      await foldCustomers(client, { condition: 'true', values: [] });
      await vacuum.query(`set lock_timeout = '2s'`);
      await vacuum.query('vacuum analytics.customer_orders');
      await vacuum.query('reset lock_timeout');
    });
  } finally {
    vacuum.release(true);
  }
});

test('folds add to the orders of customers one at a time', async () => {
  const add = (client: PoolClient) => foldCustomers(client, { condition: 'true', values: [] });
  const waiting = await withTransaction(database.pool, async (first) => {
    await add(first);
    const second = withTransaction(database.pool, add);
    await expect.poll(waitingForAdvisoryLocks, { timeout: 30_000 }).toBe(1);
    return { second };
  });
  await waiting.second;
});

async function waitingForAdvisoryLocks(): Promise<number> {
  const { rows } = await database.pool.query<{ count: number }>(
    `select count(*) from pg_locks where locktype = 'advisory' and not granted
       and database = (select oid from pg_database where datname = current_database())`,
  );
  return rows[0]?.count ?? 0;
}

async function countsOfOneSnapshotAgree(grain: Grain): Promise<boolean> {
  const client = await database.pool.connect();
  try {
    await client.query('begin isolation level repeatable read read only');
    const [raw, rolledUp] = [await rawTotals(client, grain), await rollupTotals(client, grain)];
    await client.query('commit');
    return JSON.stringify(raw) === JSON.stringify(rolledUp);
  } finally {
    client.release();
  }
}
