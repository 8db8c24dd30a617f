import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { createPool } from '../../src/database/pool.ts';
import { CodedError } from '../../src/errors.ts';
import type { IngestResult } from '../../src/ingestion/ingest.ts';
import { type Ingestion, startIngestion } from '../../src/ingestion/start-ingestion.ts';
import { rollUp } from '../../src/rollups/fold/roll-up.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { DAY, sleep, systemClock } from '../../src/time.ts';
import { useDatabase } from '../support/database/database.ts';
import { makeUsage, type UsageEvent } from '../support/events/fixtures.ts';
import { silentLog } from '../support/events/ingestion.ts';
import { refusePoison, takePoison } from '../support/events/poison.ts';
import { skipUnless } from '../support/skip-unless.ts';

const database = useDatabase();
const ATTACKED = `tidemark under test ${randomUUID().slice(0, 8)}`;
let pool: Pool;
let ingestion: Ingestion;

beforeAll(() => {
  pool = createPool({
    connectionString: database.url,
    max: 4,
    applicationName: ATTACKED,
    statementTimeoutMs: 60_000,
    onError: () => {},
  });
  // Long enough for submissions of the same moment to share a transaction.
  const config = { ...loadConfig({}), ingestionBatchTimeout: 30 };
  ingestion = startIngestion({ config, pool, clock: systemClock, log: silentLog, metrics: createMetrics() });
});
afterAll(async () => {
  await ingestion.stop();
  await pool.end();
});

function store(...events: UsageEvent[]): Promise<IngestResult> {
  return ingestion.ingest.submit({
    events: [...events],
    source: 'http',
    correlationId: 'x',
    mayIngestFor: () => true,
  });
}

async function timesStored(events: readonly UsageEvent[]): Promise<number[]> {
  const { rows } = await database.pool.query<{ id: string; times: number }>(
    `select event_id::text as id, count(*) as times from analytics.events where event_id = any($1::uuid[]) group by 1`,
    [events.map(({ eventId }) => eventId)],
  );
  const times = new Map(rows.map((row) => [row.id, row.times]));
  return events.map(({ eventId }) => times.get(eventId) ?? 0);
}

function makeMany(count: number, change: Partial<UsageEvent> = {}) {
  return Array.from({ length: count }, () => makeUsage(change));
}

const extensions = inject('extensions');
const onCitus = extensions.includes('citus');

describe('events that the database refuses', () => {
  beforeAll(() => refusePoison(database.pool));
  afterAll(() => takePoison(database.pool));

  test('fail for their sender alone, not for others in the same transaction', async () => {
    const good = makeMany(6);
    const poison = makeUsage({ modelId: 'poison' });
    const companion = makeUsage();
    const settled = await Promise.allSettled([
      ...good.slice(0, 3).map((event) => store(event)),
      store(companion, poison),
      ...good.slice(3).map((event) => store(event)),
    ]);
    expect(settled.map(({ status }) => status)).toEqual([
      ...Array.from({ length: 3 }, () => 'fulfilled'),
      'rejected',
      ...Array.from({ length: 3 }, () => 'fulfilled'),
    ]);
    expect(await timesStored(good)).toEqual(good.map(() => 1));
    expect(await timesStored([companion, poison])).toEqual([0, 0]);
    // Nothing of the submission is stored, so its good events can be sent again.
    expect(await store(companion)).toMatchObject({ stored: 1 });
  });
});

test('a submission that could not be read frees its room', async () => {
  const config = { ...loadConfig({}), maxQueuedEvents: 1 };
  const narrow = startIngestion({
    config,
    pool,
    clock: systemClock,
    log: silentLog,
    metrics: createMetrics(),
  });
  const submit = (mayIngestFor: () => boolean) =>
    narrow.ingest.submit({ events: [makeUsage()], source: 'http', correlationId: 'x', mayIngestFor });
  const failing = () => {
    throw new Error('who may do what cannot be told');
  };
  await expect(submit(failing)).rejects.toThrow('cannot be told');
  expect(await submit(() => true)).toMatchObject({ stored: 1 });
  await narrow.stop();
});

const needsPartitions = skipUnless(!extensions.includes('timescaledb'), 'a hypertable has no partitions');

describe('a partition', needsPartitions, () => {
  test('that is dropped after it was seen is created again, unnoticed by callers', async () => {
    const occurredAt = new Date(Date.now() - 20 * DAY).toISOString();
    const [first, second] = [makeUsage({ occurredAt }), makeUsage({ occurredAt })];
    expect(await store(first)).toMatchObject({ stored: 1 });
    await rollUp(database.pool);
    const name = `analytics.events_${occurredAt.slice(0, 10).replaceAll('-', '')}`;
    await database.pool.query(`drop table ${name}`);
    expect(await store(second)).toMatchObject({ stored: 1 });
    expect(await timesStored([first, second])).toEqual([0, 1]);
    expect(await store(first)).toMatchObject({ duplicates: 1 });
  });

  test('of a new day is created beside readers of events, however long they read', async () => {
    const reader = await database.pool.connect();
    try {
      await reader.query('begin');
      await reader.query('select count(*) from analytics.events');
      const occurredAt = new Date(Date.now() - 25 * DAY).toISOString();
      expect(await store(makeUsage({ occurredAt }))).toMatchObject({ stored: 1 });
    } finally {
      await reader.query('commit');
      reader.release();
    }
    const { rows } = await database.pool.query(
      `select indexrelid::regclass::text like '%batch_id%' as batches from pg_index
       where indrelid = $1::regclass`,
      [`analytics.events_${new Date(Date.now() - 25 * DAY).toISOString().slice(0, 10).replaceAll('-', '')}`],
    );
    expect(rows).toContainEqual({ batches: true });
  });

  test('of a day is created once, however many need it first', async () => {
    const writers = Array.from({ length: 4 }, () =>
      startIngestion({
        config: loadConfig({}),
        pool,
        clock: systemClock,
        log: silentLog,
        metrics: createMetrics(),
      }),
    );
    const occurredAt = new Date(Date.now() - 30 * DAY).toISOString();
    const answers = await Promise.all(
      writers.map(({ ingest }) =>
        ingest.submit({
          events: makeMany(3, { occurredAt, orgId: 'new', modelId: randomUUID() }),
          source: 'http',
          correlationId: 'x',
          mayIngestFor: () => true,
        }),
      ),
    );
    expect(answers.map(({ stored }) => stored)).toEqual([3, 3, 3, 3]);
    for (const writer of writers) await writer.stop();
  });
});

describe('a database whose connections break', () => {
  const cut = () =>
    database.pool.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1',
      [ATTACKED],
    );

  test('costs callers an answer but never an event: every acknowledged event is stored once', async () => {
    let cutting = true;
    const cutter = (async () => {
      while (cutting) {
        await cut();
        // A commit takes longer on several nodes or on a busy machine, and some have to come through.
        await sleep(Math.random() * (onCitus || Math.random() < 0.1 ? 500 : 30));
      }
    })();
    const acknowledged: UsageEvent[] = [];
    const unsure: UsageEvent[] = [];
    const errors = new Set<string>();
    const send = async () => {
      for (let submission = 0; submission < 60 || acknowledged.length === 0; submission++) {
        const events = makeMany(40);
        try {
          const answer = await store(...events);
          expect(answer).toMatchObject({ received: 40, stored: 40 });
          acknowledged.push(...events);
        } catch (error) {
          errors.add(error instanceof CodedError ? `${error.code}: ${error.message}` : String(error));
          unsure.push(...events);
        }
      }
    };
    await Promise.all([send(), send(), send()]);
    cutting = false;
    await cutter;

    expect([...errors]).toEqual([
      'unavailable: the database cannot store the events now; send them again, each still counts once',
    ]);
    expect(acknowledged.length).toBeGreaterThan(0);
    expect((await timesStored(acknowledged)).filter((times) => times !== 1)).toEqual([]);
    expect((await timesStored(unsure)).filter((times) => times > 1)).toEqual([]);
    // A sender that is unsure sends again, which settles it.
    while (unsure.length > 0) {
      const events = unsure.splice(0, 500);
      const { stored, duplicates } = await store(...events);
      expect(stored + duplicates).toBe(events.length);
      expect((await timesStored(events)).filter((times) => times !== 1)).toEqual([]);
    }
    const { rows } = await database.pool.query(
      `select (select sum(stored) from analytics.ingestion_batches) as batches,
         (select count(*) from analytics.event_keys) as keys`,
    );
    expect(rows[0]?.batches).toBe(rows[0]?.keys);
  });
});
