import type { Pool } from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { migrate } from '../../src/database/schema/migrate.ts';
import { promoteAll, rollUp } from '../../src/rollups/fold/roll-up.ts';
import { finestGrain } from '../../src/rollups/grains.ts';
import { reconcile } from '../../src/rollups/reconcile/reconcile.ts';
import { applyRetention } from '../../src/rollups/upkeep/retention.ts';
import { closeAll, monthFile, schedule } from '../exports/month-files.ts';
import { usualRetention } from '../support/answers/retention.ts';
import { useDatabase } from '../support/database/database.ts';
import { type SentEvent, sampleEvents } from '../support/events/event-samples.ts';
import { usageMaker } from '../support/events/fixtures.ts';
import { silentLog, useIngestion } from '../support/events/ingestion.ts';

const database = useDatabase();
let now = Date.UTC(2026, 9, 2, 12);
const ingestion = useIngestion(database, { now: () => now });
const makeUsage = usageMaker(3, now);

/** What a release before nano-dollars could send. */
const { usage, ml_job, ...others } = sampleEvents('2026-10-02T09:00:00.123Z');
const LATER = [
  ...['provider', 'timeToFirstTokenMs', 'serviceTier', 'cacheWriteInputTokens', 'cacheWriteHourInputTokens'],
  ...['reasoningTokens', 'images'],
];
const formerUsage = Object.fromEntries(Object.entries(usage ?? {}).filter(([name]) => !LATER.includes(name)));
const events: SentEvent[] = [
  formerUsage,
  { ...ml_job, costCents: 12.3456 },
  { ...ml_job, eventId: 'a job of unknown cost', costCents: null },
  ...Object.values(others),
  ...Array.from({ length: 40 }, (_, index) => makeUsage({ costEstimateCents: index / 10_000 })),
  makeUsage({ costEstimateCents: 0.65, occurredAt: '2026-09-12T10:00:00Z', modelId: 'gpt-4o' }),
].map((event) => ({ ...event }));

const COSTS = {
  events: `select event_id::text as id, cost, cost_source from analytics.events order by 1, cost`,
  rollups: `select grain || fold_id || ' ' || series_id || bucket_start as id, cost from analytics.rollups order by 1`,
  daily_books: `select org_id || type || day as id, cost::float8 as cost from analytics.daily_books order by 1`,
  delivered_charges: `select bucket_start || coalesce(model_id, '') as id, cost::float8 as cost from analytics.delivered_charges order by 1`,
  proofs: `select k.id, (p.proof #>> k.id::text[])::float8 as cost from analytics.closed_periods p,
    (values ('{rows,cost}'), ('{month,told,cost}'), ('{month,rollups,cost}'), ('{month,raw,cost}')) as k (id) order by 1`,
};
type Costs = Record<string, { id: string; cost: number | null }[]>;

async function costsIn(pool: Pool): Promise<Costs> {
  const found: Costs = {};
  for (const [table, sql] of Object.entries(COSTS)) found[table] = (await pool.query(sql)).rows;
  return found;
}

/** Everything else that the upgrade must leave as it is. */
async function otherNumbers(pool: Pool) {
  const rollups = await pool.query(
    `select grain, fold_id, series_id, bucket_start, count, value_sum, input_tokens, encode(sketch, 'hex') as sketch
     from analytics.rollups order by 1, 2, 3, 4`,
  );
  const series = await pool.query(
    'select series_id, series_key, platform_series_id, model_id from analytics.series order by 1',
  );
  return { rollups: rollups.rows, series: series.rows };
}

async function rollUpAll(): Promise<void> {
  while ((await rollUp(database.pool)) > 0);
  await promoteAll(database.pool, finestGrain);
}

describe('the upgrade to nano-dollars', () => {
  let before: Costs;
  let numbersBefore: Awaited<ReturnType<typeof otherNumbers>>;

  beforeAll(async () => {
    await ingestion.store(...events);
    await rollUpAll();
    await schedule(database.pool, now, { from: '2026-09', dataset: 'usage' });
    now = Date.UTC(2026, 9, 5);
    expect(await closeAll(database.pool, now)).toMatchObject([{ result: 'closed' }]);
    await applyRetention({ ...usualRetention(database.pool), now });
    now = Date.UTC(2026, 9, 2, 12);
    await migrate(database.url, { log: silentLog, direction: 'down', count: await laterMigrations() });
    before = await costsIn(database.pool);
    numbersBefore = await otherNumbers(database.pool);
  });

  async function laterMigrations(): Promise<number> {
    const { rows } = await database.pool.query<{ count: number }>(
      `select count(*) from analytics.migrations where name >= '0030_nanodollars'`,
    );
    return rows[0]?.count ?? 0;
  }

  test('begins with ten-thousandths of a cent', () => {
    const costs = before.events?.flatMap(({ cost }) => (cost === null ? [] : [cost])) ?? [];
    expect(costs).toEqual(expect.arrayContaining([123, 123_456, 39]));
    expect(before.proofs).toEqual(expect.arrayContaining([{ id: '{month,rollups,cost}', cost: 6_500 }]));
    for (const table of Object.keys(COSTS)) expect(before[table]?.length).toBeGreaterThan(0);
  });

  test('multiplies every cost by a thousand, and changes nothing else', async () => {
    await migrate(database.url, { log: silentLog, direction: 'up' });
    const after = await costsIn(database.pool);
    for (const table of Object.keys(COSTS)) {
      expect(after[table]?.map(({ id, cost }) => ({ id, cost }))).toEqual(
        before[table]?.map(({ id, cost }) => ({ id, cost: cost === null ? null : cost * 1_000 })),
      );
    }
    expect(await otherNumbers(database.pool)).toEqual(numbersBefore);
    expect((await reconcile(database.pool)).drifts).toEqual([]);
  });

  test('keeps the file of a closed month', async () => {
    const { rows, reconciliation } = await monthFile(database.pool, '2026-09', { dataset: 'usage' });
    expect(rows).toMatchObject([{ model_id: 'gpt-4o', cost_total: '0.006500000' }]);
    expect(reconciliation?.reconciles).toBe(true);
  });

  test('lets a replay of every event be a duplicate', async () => {
    const { stored, duplicates } = await ingestion.store(...events);
    expect({ stored, duplicates }).toEqual({ stored: 0, duplicates: events.length });
  });

  test('counts new events of a model in its old series, and those with a provider in a new one', async () => {
    const again = makeUsage({ modelId: 'gpt-4o', clientId: 'chat', status: 'success' });
    delete again.errorCode;
    await ingestion.store(again, { ...again, eventId: 'with a provider', provider: 'openai' });
    const { rows } = await database.pool.query<{ provider: string | null; added: boolean }>(
      `select s.provider, s.series_id > $1 as added
       from analytics.events e join analytics.series s using (org_id, series_id)
       where e.batch_id = (select max(batch_id) from analytics.events) order by s.provider nulls first`,
      [Math.max(...numbersBefore.series.map(({ series_id }) => series_id))],
    );
    expect(rows).toEqual([
      { provider: null, added: false },
      { provider: 'openai', added: true },
    ]);
    await rollUpAll();
    expect((await reconcile(database.pool)).drifts).toEqual([]);
  });
});
