import { beforeAll, describe, expect, test } from 'vitest';
import { PRICES_TTL } from '../../src/prices/current-prices.ts';
import { rollUp } from '../../src/rollups/fold/roll-up.ts';
import { reconcile } from '../../src/rollups/reconcile/reconcile.ts';
import { DAY } from '../../src/time.ts';
import { useDatabase } from '../support/database/database.ts';
import { useIngestion } from '../support/events/ingestion.ts';
import { type MlJobEvent, makeJob } from '../support/events/ml-jobs.ts';
import { putPrice } from '../support/events/prices.ts';

const database = useDatabase();
const ingestion = useIngestion(database);

/** Midnight ten days ago. Jobs of that time are late, but of an ordinary age. */
const change = Math.floor(Date.now() / DAY) * DAY - 10 * DAY;

function at(millis: number) {
  return new Date(millis).toISOString();
}

/** The stored columns of a job. */
async function storedJob({ eventId }: MlJobEvent) {
  const { rows } = await database.pool.query(
    `select cost, cost_source, (select s.cost_source from analytics.series s
       where s.org_id = e.org_id and s.series_id = e.series_id) as series
     from analytics.events e where attributes->>'eventId' = $1`,
    [eventId],
  );
  expect(rows).toHaveLength(1);
  return rows[0];
}

async function storeJob(job: MlJobEvent) {
  expect(await ingestion.store(job)).toMatchObject({ stored: 1 });
  return storedJob(job);
}

beforeAll(async () => {
  await putPrice(database.pool, {
    provider: 'replicate',
    effectiveFrom: at(change - 30 * DAY),
    centsPerSecond: 0.14,
  });
  await putPrice(database.pool, { provider: 'replicate', effectiveFrom: at(change), centsPerSecond: 0.2 });
  await putPrice(database.pool, {
    provider: 'gemini',
    effectiveFrom: at(change),
    centsPerMillionInputTokens: 7.5,
    centsPerMillionOutputTokens: 30,
  });
});

describe('a job without a cost of its own', () => {
  test.for([
    ['just before a price begins, by the price before', -1, 14_000_000],
    ['at the moment it begins, by the new one', 0, 20_000_000],
  ] as const)('is priced %s', async ([, offset, cost]) => {
    expect(await storeJob(makeJob({ occurredAt: at(change + offset) }))).toEqual({
      cost,
      cost_source: 'table',
      series: 'table',
    });
  });

  test('is priced by the earlier price a microsecond before the next begins', async () => {
    const occurredAt = at(change - 1).replace('Z', '999Z');
    expect(await storeJob(makeJob({ occurredAt }))).toMatchObject({ cost: 14_000_000 });
  });

  test('is priced by its tokens', async () => {
    const job = makeJob({
      occurredAt: at(change),
      provider: 'gemini',
      inputTokens: 1_200,
      outputTokens: 500,
    });
    expect(await storeJob(job)).toMatchObject({ cost: 240_000, cost_source: 'table' });
  });

  test.for([
    ['its provider has no price', { provider: 'tripo' }],
    ['the price is by tokens and the job has none', { provider: 'gemini', inputTokens: 5 }],
    ['no price was in force yet', { provider: 'gemini', occurredAt: at(change - 1), inputTokens: 1 }],
  ] as const)('is unpriced, not free, when %s', async ([, overrides]) => {
    expect(await storeJob(makeJob({ occurredAt: at(change), ...overrides }))).toEqual({
      cost: null,
      cost_source: 'none',
      series: 'none',
    });
  });
});

test('a cost that a job gives is kept, also 0', async () => {
  expect(await storeJob(makeJob({ occurredAt: at(change), costCents: 0 }))).toEqual({
    cost: 0,
    cost_source: 'given',
    series: 'given',
  });
});

test('a changed price applies to later jobs, and a replay of an earlier job is a duplicate', async () => {
  const [before, other] = [
    makeJob({ occurredAt: at(change + DAY) }),
    makeJob({ occurredAt: at(change + DAY) }),
  ];
  const first = await storeJob(before);
  expect(first).toMatchObject({ cost: 20_000_000 });
  await putPrice(database.pool, { provider: 'replicate', effectiveFrom: at(change), centsPerSecond: 0.5 });
  await expect
    .poll(() => storeJob(makeJob({ occurredAt: at(change + DAY) })), { timeout: 20 * PRICES_TTL })
    .toMatchObject({ cost: 50_000_000 });
  expect(await ingestion.store(before)).toMatchObject({ stored: 0, duplicates: 1, conflicts: 0 });
  expect(await storedJob(before)).toEqual(first);
  expect(await storeJob(other)).toMatchObject({ cost: 50_000_000 });
  expect(await ingestion.store({ ...other, costCents: 5 })).toMatchObject({ conflicts: 1 });
});

test('rollups keep the costs, and unpriced jobs apart', async () => {
  while ((await rollUp(database.pool)) > 0);
  expect((await reconcile(database.pool)).drifts).toEqual([]);
  const { rows } = await database.pool.query(
    `select s.cost_source, sum(r.count)::int as jobs, sum(r.cost)::float8 as cost
     from analytics.rollups r join analytics.series s using (org_id, series_id)
     where r.grain = 'minute' and r.org_id = 'acme' group by 1 order by 1`,
  );
  const raw = await database.pool.query(
    `select cost_source, count(*)::int as jobs, sum(cost)::float8 as cost from analytics.events group by 1 order by 1`,
  );
  expect(rows).toEqual(raw.rows);
  expect(rows.map((row) => row.cost_source)).toEqual(['given', 'none', 'table']);
  expect(rows[1]).toEqual({ cost_source: 'none', jobs: 3, cost: null });
});
