import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createPool } from '../../../src/database/pool.ts';
import { rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { reconcile } from '../../../src/rollups/reconcile/reconcile.ts';
import { reprice } from '../../../src/rollups/remake/reprice.ts';
import { compressEvents } from '../../../src/rollups/upkeep/compress-events.ts';
import { listEventDays } from '../../../src/rollups/upkeep/event-days.ts';
import { applyRetention } from '../../../src/rollups/upkeep/retention.ts';
import { DAY, SECOND, systemClock } from '../../../src/time.ts';
import { grainsThatDiffer } from '../../support/answers/rollup-totals.ts';
import { useDatabase } from '../../support/database/database.ts';
import { useUndecidedDatabase } from '../../support/database/undecided-database.ts';
import { usageMaker } from '../../support/events/fixtures.ts';
import { silentLog, useIngestion } from '../../support/events/ingestion.ts';
import { makeJob } from '../../support/events/ml-jobs.ts';
import { caller, putPrice } from '../../support/events/prices.ts';
import { runCommand } from '../../support/service/run-command.ts';
import { skipUnless } from '../../support/skip-unless.ts';

const hasTimescaledb = inject('extensions').includes('timescaledb');
const needsTimescaledb = skipUnless(
  hasTimescaledb,
  'needs TimescaleDB: TEST_DATABASE_URL of a server that has it loaded',
);

const noon = Date.UTC(2026, 10, 18, 12);
const makeUsage = usageMaker(5, noon);

function usageDaysAgo(days: number) {
  return makeUsage({ occurredAt: new Date(noon - days * DAY).toISOString(), orgId: 'acme' });
}

describe('raw events on TimescaleDB', needsTimescaledb, () => {
  const database = useDatabase();
  const ingestion = useIngestion(database, { now: () => noon });
  // A session may unpack fewer events than are repriced below; the default is 100,000.
  let cautious: Pool;
  beforeAll(() => {
    const url = new URL(database.url);
    const limit = 'timescaledb.max_tuples_decompressed_per_dml_transaction=100';
    url.searchParams.set('options', `-c TimeZone=UTC -c ${limit}`);
    cautious = createPool({
      connectionString: url.href,
      max: 2,
      applicationName: 'tidemark-test',
      statementTimeoutMs: 60 * SECOND,
      onError: () => {},
    });
  });
  afterAll(() => cautious.end());
  const compressAll = () => compressEvents({ pool: database.pool, log: silentLog, now: noon });
  const days = async () =>
    (await listEventDays(database.pool)).map(({ from, compressed }) => ({
      day: from.toISOString().slice(5, 10),
      compressed,
    }));

  test('are a hypertable with a chunk for each day and the index that folds need', async () => {
    await ingestion.store(...[0, 1, 8, 9, 9].map(usageDaysAgo));
    const { rows } = await database.pool.query(
      `select num_dimensions, compression_enabled from timescaledb_information.hypertables
       where hypertable_schema = 'analytics' and hypertable_name = 'events'`,
    );
    expect(rows).toEqual([{ num_dimensions: 1, compression_enabled: true }]);
    expect((await days()).map(({ day }) => day)).toEqual(['11-09', '11-10', '11-17', '11-18']);
    const indexes = await database.pool.query<{ name: string }>(
      `select indexname as name from pg_indexes where schemaname = 'analytics' and tablename = 'events' order by 1`,
    );
    expect(indexes.rows.map(({ name }) => name)).toContain('events_batch_id');
  });

  test('are compressed a week after their day ended, and count as before', async () => {
    while ((await rollUp(database.pool)) > 0);
    expect(await compressAll()).toBe(2);
    expect(await days()).toEqual([
      { day: '11-09', compressed: true },
      { day: '11-10', compressed: true },
      { day: '11-17', compressed: false },
      { day: '11-18', compressed: false },
    ]);
    expect(await compressAll()).toBe(0);
    expect(await reconcile(database.pool)).toMatchObject({ rows: 5, drifts: [] });
  });

  test('that come late into a compressed day are counted once', async () => {
    const late = usageDaysAgo(9);
    expect(await ingestion.store(late)).toMatchObject({ stored: 1 });
    expect(await ingestion.store(late)).toMatchObject({ stored: 0, duplicates: 1 });
    while ((await rollUp(database.pool)) > 0);
    expect(await reconcile(database.pool)).toMatchObject({ rows: 6, drifts: [] });
    expect(await grainsThatDiffer(database.pool)).toEqual([]);
  });

  test('are repriced while compressed, however many, and compressed again', async () => {
    const jobs = Array.from({ length: 600 }, () =>
      makeJob({ occurredAt: new Date(noon - 9 * DAY).toISOString() }),
    );
    await ingestion.store(...jobs);
    while ((await rollUp(database.pool)) > 0);
    expect(await compressAll()).toBe(1);
    await putPrice(database.pool, { provider: 'replicate', effectiveFrom: '2026-11-01', centsPerJob: 3 });
    const range = { from: new Date(noon - 10 * DAY), to: new Date(noon) };
    const [difference] = await reprice(cautious, range, { caller, clock: systemClock });
    expect(difference).toMatchObject({ events: 600, changed: 600 });
    expect(await compressAll()).toBe(1);
    const { rows } = await database.pool.query(
      `select count(*)::int as jobs, sum(cost)::float8 as cost from analytics.events where type = 'ml_job'`,
    );
    expect(rows).toEqual([{ jobs: 600, cost: 600 * 30_000_000 }]);
    expect((await reconcile(database.pool)).drifts).toEqual([]);
    expect(await grainsThatDiffer(database.pool)).toEqual([]);
  });

  test('are removed by the chunk, compressed or not', async () => {
    await applyRetention({
      pool: database.pool,
      log: silentLog,
      rawRetention: 8 * DAY,
      dedupWindow: 32 * DAY,
      now: noon,
    });
    expect((await days()).map(({ day }) => day)).toEqual(['11-10', '11-17', '11-18']);
    const { rows } = await database.pool.query(`select * from analytics.removals where what = 'events'`);
    expect(rows).toEqual([{ what: 'events', removed_before: new Date('2026-11-10T00:00Z') }]);
  });
});

describe('a database with raw events that gets TimescaleDB later', needsTimescaledb, () => {
  const database = useUndecidedDatabase();
  const ingestion = useIngestion(database);

  const relkind = async () => {
    const { rows } = await database.pool.query<{ relkind: string }>(
      `select relkind from pg_class where oid = 'analytics.events'::regclass`,
    );
    return rows[0]?.relkind;
  };

  test('keeps its partitions until the convert command', async () => {
    await ingestion.store(...[0, 1, 2].map(usageDaysAgo));
    await rollUp(database.pool);
    await database.addExtensions();
    expect(await database.migrate()).toEqual([
      'TimescaleDB is installed, but raw events are not a hypertable; run npx tidemark timescaledb convert',
    ]);
    expect(await relkind()).toBe('p');
    expect(await ingestion.store(usageDaysAgo(3))).toMatchObject({ stored: 1 });
  });

  // Runs two commands, each of which starts a process.
  test('keeps every event through convert, and goes on', { timeout: 240_000 }, async () => {
    const converted = await runCommand(['timescaledb', 'convert'], { DATABASE_URL: database.url });
    expect(converted).toMatchObject({ code: 0, output: expect.stringContaining('are now a hypertable') });
    expect(await relkind()).toBe('r');
    expect(await ingestion.store(usageDaysAgo(4))).toMatchObject({ stored: 1 });
    while ((await rollUp(database.pool)) > 0);
    expect(await reconcile(database.pool)).toMatchObject({ rows: 5, drifts: [] });
    expect((await listEventDays(database.pool)).length).toBe(5);
    const again = await runCommand(['timescaledb', 'convert'], { DATABASE_URL: database.url });
    expect(again).toMatchObject({ code: 0, output: expect.stringContaining('nothing to do') });
  });
});
