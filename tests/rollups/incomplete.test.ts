import { beforeEach, expect, test } from 'vitest';
import type { IncompleteWork } from '../../src/rollups/fold/incomplete.ts';
import { promote, promoteAll, rollUp } from '../../src/rollups/fold/roll-up.ts';
import { grainNamed, grains } from '../../src/rollups/grains.ts';
import { reconcile } from '../../src/rollups/reconcile/reconcile.ts';
import { rebuild } from '../../src/rollups/remake/rebuild.ts';
import { compact } from '../../src/rollups/upkeep/compact.ts';
import { RollupWorker } from '../../src/rollups/worker.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { DAY, HOUR, SECOND } from '../../src/time.ts';
import { useDatabase } from '../support/database/database.ts';
import { makeUsage } from '../support/events/fixtures.ts';
import { useIngestion } from '../support/events/ingestion.ts';

/*
 * On Citus the coordinator's row of a batch or fold can be seen before the rows on the nodes. Here the rows are put away
 * and come back later, which any database can do.
 */
const database = useDatabase();
const ingestion = useIngestion(database);
const quarterHour = grainNamed('quarter_hour');

beforeEach(async () => {
  await database.pool.query(
    `truncate analytics.events, analytics.event_keys, analytics.ingestion_batches, analytics.rollups, analytics.folds,
       analytics.sessions, analytics.customer_orders, analytics.orders, analytics.products`,
  );
  for (const table of ['events', 'rollups', 'series'])
    await database.pool.query(
      `drop table if exists late_${table}; create table late_${table} as select * from analytics.${table} limit 0`,
    );
});

type Table = 'events' | 'rollups' | 'series';

async function putAway(table: Table, condition: string): Promise<void> {
  const { rowCount } = await database.pool.query(
    `with gone as (delete from analytics.${table} where ${condition} returning *) insert into late_${table} select * from gone`,
  );
  expect(rowCount).toBeGreaterThan(0);
}

async function bringBack(table: Table): Promise<void> {
  await database.pool.query(
    `with back as (delete from late_${table} returning *) insert into analytics.${table} select * from back`,
  );
  await database.pool.query('update analytics.ingestion_batches set retry_at = null');
  await database.pool.query('update analytics.folds set retry_at = null');
}

function order(orgId: string, sessionId: string) {
  return {
    ...{ type: 'order', eventId: `${sessionId}-order`, orgId, occurredAt: new Date().toISOString() },
    ...{ orderId: `${sessionId}-1`, customerId: 'c', sessionId, currency: 'USD', status: 'completed' },
    items: [
      { sku: 'a', name: 'A', collection: 'x', category: 'y', quantity: 1, priceCents: 100 },
      { sku: 'b', name: 'B', collection: 'x', category: 'y', quantity: 1, priceCents: 200 },
    ],
  };
}

async function lastBatch(): Promise<number> {
  const { rows } = await database.pool.query<{ id: number }>(
    'select max(batch_id) as id from analytics.ingestion_batches',
  );
  return rows[0]?.id ?? 0;
}

async function expectExact(rows: number): Promise<void> {
  for (const grain of grains.slice(1)) while ((await promote(database.pool, grain)) > 0);
  expect(await reconcile(database.pool)).toMatchObject({ rows, drifts: [] });
}

test('a batch knows how many rows it stored, lines of orders among them', async () => {
  await ingestion.store(makeUsage({ orgId: 'acme' }), order('acme', 's1'));
  const { rows } = await database.pool.query('select stored, rows from analytics.ingestion_batches');
  expect(rows).toEqual([{ stored: 2, rows: 4 }]);
});

test('a batch whose events are not all there waits, others are folded, and in the end all are counted', async () => {
  await ingestion.store(makeUsage({ orgId: 'acme' }), makeUsage({ orgId: 'globex' }), order('acme', 's1'));
  const late = await lastBatch();
  await ingestion.store(makeUsage({ orgId: 'acme' }), order('acme', 's2'));
  await putAway('events', `batch_id = ${late} and org_id = 'acme'`);

  const told: (readonly IncompleteWork[])[] = [];
  const folded = await rollUp(database.pool, undefined, (_, putOff) => told.push(putOff));
  expect(folded).toBe(1);
  expect(told).toMatchObject([[{ what: 'batch', id: late, rows: 5, found: 1 }]]);
  expect(await rollUp(database.pool)).toBe(0);
  await expectExact(4);

  await bringBack('events');
  expect(await rollUp(database.pool)).toBe(1);
  await expectExact(9);
});

test('a batch that can be folded at the second look is counted once', async () => {
  await ingestion.store(makeUsage({ orgId: 'acme' }), makeUsage({ orgId: 'globex' }));
  await ingestion.store(makeUsage({ orgId: 'acme' }));
  await database.pool.query('update analytics.ingestion_batches set rows = null where stored = 1');
  await putAway('events', `org_id = 'globex'`);
  expect(await rollUp(database.pool)).toBe(1);
  await bringBack('events');
  expect(await rollUp(database.pool)).toBe(1);
  await expectExact(3);
});

test('a batch whose series cannot be seen yet waits, as all orgs together would miss it', async () => {
  await ingestion.store(makeUsage({ orgId: 'acme', modelId: 'new-one' }));
  await putAway('series', `org_id = 'acme' and model_id = 'new-one'`);
  expect(await rollUp(database.pool)).toBe(0);
  await bringBack('series');
  expect(await rollUp(database.pool)).toBe(1);
  await expectExact(1);
});

test('many incomplete batches hold up none that is complete', async () => {
  for (let i = 0; i < 45; i++) await ingestion.store(makeUsage({ orgId: 'late' }));
  await putAway('events', `org_id = 'late'`);
  await ingestion.store(makeUsage({ orgId: 'acme' }));
  expect(await rollUp(database.pool)).toBe(1);
  await bringBack('events');
  while ((await rollUp(database.pool)) > 0);
  await expectExact(46);
});

test('rows that never come are waited for more and more seldom, and named, until somebody gives them up', async () => {
  await ingestion.store(makeUsage({ orgId: 'acme' }), makeUsage({ orgId: 'globex' }));
  const id = await lastBatch();
  await putAway('events', `org_id = 'globex'`);
  await database.pool.query(
    `update analytics.ingestion_batches set completed_at = now() - interval '1 hour'`,
  );
  const lines: string[] = [];
  const log = createLog({ level: 'warn', destination: { write: (line) => lines.push(line) } });
  const metrics = createMetrics();
  const { pool } = database;
  const worker = new RollupWorker({ pool, log, metrics, interval: 20, onRolledUp: async () => {} });
  worker.start();
  try {
    await expect
      .poll(() => metrics.registry.metrics(), { timeout: 30 * SECOND })
      .toContain('tidemark_rollup_incomplete{what="batch"} 1');
    expect(await metrics.registry.metrics()).toContain('tidemark_rollup_incomplete_total{grain="minute"} 1');
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { what: 'batch', id, rows: 2, found: 1, grain: 'minute' },
    ]);
    await expect(worker.check()).resolves.toBeUndefined();
    const { rows } = await pool.query<{ wait: number }>(
      'select extract(epoch from retry_at - now())::float8 as wait from analytics.ingestion_batches',
    );
    expect(rows[0]?.wait).toBeGreaterThan(50);
    // As `docs/operating.md` has it.
    await pool.query(
      'update analytics.ingestion_batches set rows = null, retry_at = null where batch_id = $1',
      [id],
    );
    await expect
      .poll(() => metrics.registry.metrics(), { timeout: 30 * SECOND })
      .toContain('tidemark_rollup_incomplete{what="batch"} 0');
  } finally {
    await worker.stop();
  }
  await expectExact(1);
});

test('a fold whose rows are not all there is not taken in, others are', async () => {
  for (const orgId of ['acme', 'globex', 'initech']) {
    await ingestion.store(makeUsage({ orgId }));
    await rollUp(database.pool);
  }
  const { rows } = await database.pool.query<{ id: number; rows: number }>(
    'select fold_id as id, rows from analytics.folds order by fold_id limit 1',
  );
  const late = rows[0]?.id ?? 0;
  expect(rows[0]?.rows).toBe(2);
  await putAway('rollups', `fold_id = ${late} and org_id = '*'`);
  const told: (readonly IncompleteWork[])[] = [];
  expect(await promote(database.pool, quarterHour, 1, (_, putOff) => told.push(putOff))).toBe(2);
  expect(told).toMatchObject([[{ what: 'fold', id: late, rows: 2, found: 1 }]]);
  expect(await promote(database.pool, quarterHour)).toBe(0);
  await bringBack('rollups');
  expect(await promote(database.pool, quarterHour)).toBe(1);
  await expectExact(3);
});

test('folds that a rebuild took rows from are promoted', async () => {
  const now = Date.now();
  await ingestion.store(
    makeUsage({ orgId: 'acme' }),
    makeUsage({ orgId: 'acme', occurredAt: new Date(now - DAY).toISOString() }),
  );
  await rollUp(database.pool);
  await rebuild(database.pool, { from: new Date(now - HOUR), to: new Date(now) });
  await promoteAll(database.pool, grainNamed('week'));
  for (const grain of grains) while ((await compact(database.pool, grain)) > 0);
  const { rows } = await database.pool.query<{ waiting: number }>(
    'select count(*) as waiting from analytics.folds where consumed_at is null',
  );
  expect(rows).toEqual([{ waiting: 0 }]);
  await expectExact(2);
});
