import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import type { IngestResult } from '../../src/ingestion/ingest.ts';
import { startIngestion } from '../../src/ingestion/start-ingestion.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { systemClock } from '../../src/time.ts';
import { useDatabase } from '../support/database/database.ts';
import { AWKWARD, sampleEvents } from '../support/events/event-samples.ts';
import { makeUsage, type UsageEvent } from '../support/events/fixtures.ts';
import { silentLog, useIngestion } from '../support/events/ingestion.ts';

const database = useDatabase();
const { store } = useIngestion(database);

async function select<Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> {
  return (await database.pool.query<Row>(sql, values)).rows;
}

/** The stored latencies of an event, in ms. */
async function storedLatencies(id: string): Promise<number[]> {
  return (
    await select<{ value: number }>('select value from analytics.events where event_id = $1', [id])
  ).map(({ value }) => value / 1_000);
}

async function keptAside(id: string): Promise<number> {
  return (await select('select 1 from analytics.event_conflicts where event_id = $1', [id])).length;
}

function many(count: number, change: Partial<UsageEvent> = {}) {
  return Array.from({ length: count }, () => makeUsage(change));
}

function counts({ errors: _, ...rest }: IngestResult) {
  return rest;
}

function outcome(stored: number, duplicates = 0, conflicts = 0, rejected = 0) {
  return {
    received: stored + duplicates + conflicts + rejected,
    stored,
    duplicates,
    conflicts,
    rejected,
  };
}

describe('within one submission', () => {
  test('an event counts once, and its first payload stays', async () => {
    const event = makeUsage({ latencyMs: 10 });
    const answer = await store(event, { ...event }, { ...event, latencyMs: 11 }, { ...event }, makeUsage());
    expect(counts(answer)).toEqual(outcome(2, 2, 1));
    expect(answer.errors).toMatchObject([{ index: 2, eventId: event.eventId, code: 'conflict' }]);
    expect(await storedLatencies(event.eventId)).toEqual([10]);
    expect(await keptAside(event.eventId)).toBe(1);
  });

  test('a refused event does not use up its id', async () => {
    const event = makeUsage();
    expect(counts(await store({ ...event, latencyMs: -1 }, event))).toEqual(outcome(1, 0, 0, 1));
  });
});

describe('across submissions', () => {
  test('a replay is a duplicate, whole or in part, in any order', async () => {
    const events = many(50);
    expect(counts(await store(...events))).toEqual(outcome(50));
    expect(counts(await store(...events))).toEqual(outcome(0, 50));
    expect(counts(await store(...events.slice(20).reverse(), ...many(5)))).toEqual(outcome(5, 30));
  });

  test('another payload is a conflict, and the first stays', async () => {
    const event = makeUsage({ latencyMs: 10 });
    await store(event);
    expect(counts(await store({ ...event, latencyMs: 11 }))).toEqual(outcome(0, 0, 1));
    expect(counts(await store({ ...event, latencyMs: 11 }, event))).toEqual(outcome(0, 1, 1));
    expect(counts(await store(event))).toEqual(outcome(0, 1));
    expect(await storedLatencies(event.eventId)).toEqual([10]);
    expect(await keptAside(event.eventId)).toBe(2);
  });

  test('another time is another payload: an event of today does not count again tomorrow', async () => {
    const event = makeUsage({ occurredAt: new Date(Date.now() - 60_000).toISOString() });
    await store(event);
    const yesterday = new Date(Date.parse(event.occurredAt) - 86_400_000).toISOString();
    expect(counts(await store({ ...event, occurredAt: yesterday }))).toEqual(outcome(0, 0, 1));
  });

  test('the payload does not depend on the route or the spelling of the event', async () => {
    const event = makeUsage({ occurredAt: new Date(Date.now() - 60_000).toISOString() });
    await store({ ...event, metadata: { a: '1', b: '2' } });
    const again = {
      ...Object.fromEntries(Object.entries(event).reverse()),
      type: 'usage',
      eventId: event.eventId.toUpperCase(),
      occurredAt: event.occurredAt.replace('Z', '000+00:00'),
      actorId: null,
      correlationId: 'another story',
      metadata: { b: '2', a: '1' },
    };
    expect(counts(await store(again))).toEqual(outcome(0, 1));
  });

  test('the same id in two orgs is two events', async () => {
    for (const eventId of [makeUsage().eventId, 'no uuid']) {
      const event = makeUsage({ eventId });
      expect(counts(await store(event, { ...event, orgId: 'globex' }))).toEqual(outcome(2));
      expect(counts(await store({ ...event, orgId: 'globex' }))).toEqual(outcome(0, 1));
    }
  });

  test('an org with any name is recognised', async () => {
    for (const orgId of [
      AWKWARD,
      'null',
      'NULL',
      '{}',
      '""',
      ' ',
      '\\',
      '__proto__',
      '\u{1F469}'.repeat(100),
    ]) {
      const events = many(2, { orgId });
      expect(counts(await store(...events))).toEqual(outcome(2));
      expect(counts(await store(...events, ...many(1, { orgId })))).toEqual(outcome(1, 2));
    }
  });

  test('every type is recognised, and the lines of an order are stored once with it', async () => {
    const samples = sampleEvents(new Date(Date.now() - 60_000).toISOString());
    const events = Object.values(samples);
    expect(counts(await store(...events))).toEqual(outcome(events.length));
    expect(counts(await store(...events))).toEqual(outcome(0, events.length));
    const lines = await select(`select 1 from analytics.events where type = 'order_line'`);
    // Two products; the third line is a discount, which lowers them.
    expect(lines).toHaveLength(2);
    const { items } = samples.order as { items: object[] };
    expect(counts(await store({ ...samples.order, items: items.toReversed() }))).toEqual(outcome(0, 0, 1));
    expect(await select(`select 1 from analytics.events where type = 'order_line'`)).toHaveLength(2);
  });
});

describe('with recent duplicates and without', () => {
  test('new, known and conflicting events are told apart', async () => {
    const known = many(3, { latencyMs: 10 });
    await store(...known);
    // After a known id the ledger checks first for a while, and stops after many new ones.
    for (let round = 0; round < 2; round++) {
      for (let batch = 0; batch < 25; batch++) expect(counts(await store(...many(3)))).toEqual(outcome(3));
      const contradicting = known.map((event) => ({ ...event, latencyMs: 11 }));
      const fresh = many(2);
      const mixed = [...fresh, ...known, ...contradicting, ...fresh];
      expect(counts(await store(...mixed))).toEqual(outcome(2, 5, 3));
      expect(counts(await store(...mixed))).toEqual(outcome(0, 7, 3));
    }
    for (const { eventId } of known) expect(await storedLatencies(eventId)).toEqual([10]);
  });

  test('an id of the previous generation is known', async () => {
    const events = many(3, { latencyMs: 10 });
    await store(...events);
    // After so many batches without a duplicate, the ledger no longer checks first.
    for (let batch = 0; batch < 25; batch++) await store(...many(1));
    await database.pool.query(
      `with moved as (delete from analytics.event_keys returning *)
       insert into analytics.event_keys_previous select * from moved`,
    );
    const [first] = events;
    expect(counts(await store(...events, ...many(2), { ...first, latencyMs: 11 }))).toEqual(outcome(2, 3, 1));
    expect(counts(await store(...events, ...many(2)))).toEqual(outcome(2, 3));
    // The previous generation is dropped when its time is over.
    await database.pool.query('truncate analytics.event_keys_previous');
    expect(counts(await store(...events))).toEqual(outcome(3));
  });
});

test('concurrent writers of several processes store each event once', async () => {
  const ids = many(400, { orgId: 'crowd' });
  const writers = Array.from({ length: 3 }, () =>
    startIngestion({
      config: { ...loadConfig({}), ingestionBatchTimeout: 1, ingestionWorkers: 3 },
      pool: database.pool,
      clock: systemClock,
      log: silentLog,
      metrics: createMetrics(),
    }),
  );
  const submit = (submission: number) => {
    const start = (submission * 53) % ids.length;
    const window = [...ids.slice(start), ...ids].slice(0, 60);
    const events = submission % 2 === 0 ? window : window.toReversed();
    return writers[submission % writers.length]?.ingest.submit({
      // Every tenth submission gives each of its events another duration.
      events: events.map((event) => (submission % 10 === 9 ? { ...event, latencyMs: 1 } : { ...event })),
      source: 'http',
      correlationId: 'crowd',
      mayIngestFor: () => true,
    });
  };
  const answers = (await Promise.all(Array.from({ length: 120 }, (_, n) => submit(n)))).flatMap(
    (a) => a ?? [],
  );
  await Promise.all(writers.map((writer) => writer.stop()));

  expect(answers).toHaveLength(120);
  const sum = (name: keyof ReturnType<typeof outcome>) =>
    answers.reduce((total, answer) => total + answer[name], 0);
  const stored = await select<{ id: string; value: number }>(
    `select event_id::text as id, value from analytics.events where org_id = 'crowd'`,
  );
  expect(stored).toHaveLength(ids.length);
  expect(new Set(stored.map(({ id }) => id)).size).toBe(ids.length);
  expect(sum('stored')).toBe(ids.length);
  expect(sum('received')).toBe(120 * 60);
  expect(sum('stored') + sum('duplicates') + sum('conflicts')).toBe(120 * 60);
  // Each answer fits the stored payload: an equal event is a duplicate, another one a conflict.
  const changed = new Set(stored.filter(({ value }) => value === 1_000).map(({ id }) => id));
  const wrong = answers.filter((answer, n) => {
    const told = new Set(answer.errors.map(({ eventId }) => eventId));
    return [...told].some((id) => changed.has(String(id)) === (n % 10 === 9));
  });
  expect(wrong).toEqual([]);
});

test('the counts of the answers are those of the batches', async () => {
  const before = await books();
  const event = makeUsage();
  const answers = [
    await store(event, makeUsage(), { nonsense: true }, 7 as never),
    await store(event, { ...event, latencyMs: 3 }, makeUsage(), {}),
    await store({}),
  ];
  const after = await books();
  for (const name of ['received', 'stored', 'duplicates', 'conflicts', 'rejected'] as const) {
    const told = answers.reduce((total, answer) => total + answer[name], 0);
    expect({ [name]: after[name] - before[name] }).toEqual({ [name]: told });
  }
  for (const answer of answers) {
    const { received, stored, duplicates, conflicts, rejected } = answer;
    expect(received).toBe(stored + duplicates + conflicts + rejected);
  }
  expect(after.batches - before.batches).toBe(3);
  const heads = await select<{ count: number }>(
    `select count(*) from analytics.events where type not in ('order_line')`,
  );
  // The generation dropped above admitted three events once more.
  expect(heads[0]?.count).toBe(after.stored);
});

async function books() {
  const [row] = await select<
    Record<'received' | 'stored' | 'duplicates' | 'conflicts' | 'rejected' | 'batches', number>
  >(
    `select count(*) as batches, sum(received) as received, sum(stored) as stored, sum(duplicates) as duplicates,
       sum(conflicts) as conflicts, sum(rejected) as rejected from analytics.ingestion_batches`,
  );
  return row ?? expect.fail('there are no batches');
}

test('a batch records the orgs, types and times of its events, and whether any is late', async () => {
  const now = Date.now();
  const at = (ago: number, change: Partial<UsageEvent> = {}) =>
    makeUsage({ occurredAt: new Date(now - ago).toISOString(), ...change });
  const last = async () =>
    (
      await select(
        `select source, org_ids, types, late, occurred_from, occurred_to, rolled_up_at is null as waiting
         from analytics.ingestion_batches order by batch_id desc limit 1`,
      )
    )[0];
  await store(at(1_000, { orgId: 'a' }), at(2_000, { orgId: 'b' }));
  expect(await last()).toEqual({
    source: 'http',
    org_ids: ['b', 'a'].sort(),
    types: ['usage'],
    late: false,
    occurred_from: new Date(now - 2_000),
    occurred_to: new Date(now - 1_000),
    waiting: true,
  });
  const late = at(3_600_000 * 2);
  await store(late, at(1_000));
  expect(await last()).toMatchObject({ late: true });
  // A late event that was stored long ago makes no batch late, and leaves nothing to roll up.
  await store(late);
  expect(await last()).toMatchObject({ late: false, waiting: false, org_ids: [], occurred_from: null });
});
