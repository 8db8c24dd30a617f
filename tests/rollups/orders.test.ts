import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { withTransaction } from '../../src/database/pool.ts';
import { answerBusinessOverview } from '../../src/queries/business/overview.ts';
import { answerSales } from '../../src/queries/business/sales.ts';
import { promote, promoteAll, rollUp } from '../../src/rollups/fold/roll-up.ts';
import { grainNamed, grains } from '../../src/rollups/grains.ts';
import { reconcile } from '../../src/rollups/reconcile/reconcile.ts';
import { rebuild } from '../../src/rollups/remake/rebuild.ts';
import { applyRetention } from '../../src/rollups/upkeep/retention.ts';
import { DAY, HOUR, MINUTE } from '../../src/time.ts';
import { usualRetention } from '../support/answers/retention.ts';
import { useDatabase } from '../support/database/database.ts';
import type { SentEvent } from '../support/events/event-samples.ts';
import { useIngestion } from '../support/events/ingestion.ts';

const database = useDatabase();
const NOON = Date.UTC(2026, 10, 18, 12);
let now = NOON;
const { store } = useIngestion(database, { now: () => now });

const TABLES = [
  ...['events', 'event_keys', 'event_keys_previous', 'ingestion_batches', 'rollups', 'folds', 'removals'],
  ...['freshness_status', 'sessions', 'customer_orders', 'products', 'orders'],
];

async function clear() {
  now = NOON;
  await database.pool.query(`truncate ${TABLES.map((table) => `analytics.${table}`)}`);
}
beforeEach(clear);

let sent = 0;

function order(status: string, priceCents: number, ago: number, more: SentEvent = {}): SentEvent {
  return {
    ...{
      eventId: `e-${sent++}`,
      orgId: 'acme',
      type: 'order',
      occurredAt: new Date(NOON - ago).toISOString(),
    },
    ...{ orderId: '1', status, currency: 'EUR' },
    items: [{ sku: 's', name: 'S', collection: 'c', category: 'k', quantity: 1, priceCents }],
    ...more,
  };
}

async function rollUpAll() {
  while ((await rollUp(database.pool)) > 0);
}

async function drifts() {
  return (await reconcile(database.pool)).drifts;
}

function question(orgId: string) {
  return {
    orgId,
    range: { start: NOON - 20 * DAY, end: NOON + HOUR },
    granularity: 'day' as const,
    timezone: 'UTC',
    compare: undefined,
    now,
  };
}

async function revenueOf(orgId = 'acme') {
  const { byCurrency, overRefunds } = await answerBusinessOverview(database.pool, question(orgId));
  const [shown] = byCurrency;
  return {
    revenue: shown?.revenueCents.value,
    excess: shown?.overRefundedCents.value,
    overRefunds: overRefunds.value,
  };
}

describe.each([
  ['a refund and a cancellation', [order('refunded', 100, HOUR), order('cancelled', 100, MINUTE)], 100],
  ['a partial and a full refund', [order('refunded', 30, HOUR), order('refunded', 100, MINUTE)], 30],
])('%s of more than was paid', (_, reversals, excess) => {
  const paid = order('completed', 100, DAY);
  const right = { revenue: 0, excess, overRefunds: 1 };

  test.each([
    ['in order', [paid, ...reversals]],
    ['in the opposite order', [...reversals.toReversed(), paid]],
  ])('lower the order to 0, when their events arrive %s', async (__, events) => {
    for (const event of events) {
      await store(event);
      await rollUpAll();
      await promoteAll(database.pool, grainNamed('day'));
    }
    expect(await revenueOf()).toEqual(right);
    expect(await revenueOf('*')).toEqual(right);
    expect(await drifts()).toEqual([]);
  });

  test('lower it to 0 when all arrive together, and the excess counts in its bucket', async () => {
    await store(paid, ...reversals);
    await rollUpAll();
    expect(await revenueOf()).toEqual(right);
    const sales = await answerSales(database.pool, { ...question('acme'), breakdown: undefined, limit: 10 });
    const days = sales.series.map(({ byCurrency: [eur] }) => eur?.revenueCents).filter(Boolean);
    expect(days).toEqual([100, -100]);
  });
});

test('a refund of an order that is not known counts in full', async () => {
  await store(order('refunded', 70, HOUR), order('completed', 50, DAY, { orderId: '2' }));
  await rollUpAll();
  expect(await revenueOf()).toEqual({ revenue: -20, excess: 0, overRefunds: 0 });
});

test('orders of another org or currency are other orders', async () => {
  await store(
    order('completed', 100, DAY),
    order('refunded', 150, HOUR, { currency: 'USD' }),
    order('refunded', 150, HOUR, { orgId: 'globex' }),
  );
  await rollUpAll();
  expect(await revenueOf()).toEqual({ revenue: 100, excess: 0, overRefunds: 0 });
});

test('an order is forgotten 430 days after its last change, and its excess stays', async () => {
  await store(order('completed', 100, DAY), order('refunded', 130, HOUR));
  await rollUpAll();
  now = NOON + 300 * DAY;
  await applyRetention({ ...usualRetention(database.pool), now });
  await database.pool.query(`update analytics.orders set changed_at = changed_at - interval '429 days'`);
  const count = async () => (await database.pool.query('select from analytics.orders')).rowCount;
  const age = Date.now() - NOON;
  await applyRetention({ ...usualRetention(database.pool), now: NOON + age - DAY });
  expect(await count()).toBe(1);
  await applyRetention({ ...usualRetention(database.pool), now: NOON + age + 3 * DAY });
  expect(await count()).toBe(0);
});

const step = fc.record({
  events: fc.array(
    fc.record({
      status: fc.constantFrom('completed', 'refunded', 'cancelled'),
      orderId: fc.constantFrom('1', '2', '3'),
      orgId: fc.constantFrom('acme', 'globex'),
      currency: fc.constantFrom('EUR', 'EUR', 'USD'),
      cents: fc.nat(20),
      minutesAgo: fc.oneof(fc.nat(5), fc.nat((11 * DAY) / MINUTE)),
    }),
    { maxLength: 8 },
  ),
  work: fc.array(fc.constantFrom('promote', 'rebuild', 'week', 'two workers'), { maxLength: 3 }),
  grain: fc.constantFrom(...grains),
  from: fc.nat(9),
  days: fc.integer({ min: 1, max: 6 }),
});

test('in any order of steps, what is in excess follows from the raw events', {
  timeout: 180_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), async (steps) => {
      await clear();
      for (const { events, work, grain, from, days } of steps) {
        const all = events.map(({ status, cents, minutesAgo, ...more }) =>
          order(status, cents, minutesAgo * MINUTE, more),
        );
        const half = Math.ceil(all.length / 2);
        for (const part of [all.slice(0, half), all.slice(half)])
          if (part.length > 0) expect(await store(...part)).toMatchObject({ rejected: 0 });
        if (work.includes('two workers')) await Promise.all([rollUp(database.pool), rollUp(database.pool)]);
        const range = { from: new Date(NOON - from * DAY), to: new Date(NOON + (days - from) * DAY) };
        if (work.includes('rebuild')) await rebuild(database.pool, range);
        await rollUpAll();
        if (work.includes('promote')) await promote(database.pool, grain);
        if (work.includes('week')) await promoteAll(database.pool, grainNamed('week'));
        expect(await drifts()).toEqual([]);
      }
    }),
    { numRuns: Number(process.env.PROPERTY_RUNS ?? 12) },
  );
});

test.each([
  [`delete from analytics.rollups where type = 'over_refund'`, ['over_refund']],
  [`update analytics.orders set amounts = '{5}', at = at[1:1]`, ['orders', 'over_refund']],
  ['delete from analytics.orders', ['orders', 'over_refund']],
])('wrong rows are found, and repaired by a rebuild: %s', async (statement, types) => {
  await store(order('completed', 100, DAY), order('refunded', 130, HOUR));
  await rollUpAll();
  await database.pool.query(statement);
  expect([...new Set((await drifts()).map(({ type }) => type))]).toEqual(types);
  await rebuild(database.pool, { from: new Date(NOON - DAY), to: new Date(NOON) });
  expect(await drifts()).toEqual([]);
  expect(await revenueOf()).toEqual({ revenue: 0, excess: 30, overRefunds: 1 });
});

test('an upgrade takes over the orders of raw events, in the series of later folds', async () => {
  await store(
    order('completed', 100, DAY),
    order('refunded', 130, HOUR),
    order('refunded', 5, DAY, { orderId: '2' }),
  );
  await rollUpAll();
  await store(order('refunded', 1, MINUTE, { orgId: 'globex' }));
  const path = new URL('../../src/database/migrations/0021_orders.sql', import.meta.url);
  const [up = '', down = ''] = (await readFile(path, 'utf8')).split('-- Down Migration');
  for (const statements of [down, up])
    await withTransaction(database.pool, (client) => client.query(statements));
  expect(await revenueOf()).toEqual({ revenue: -5, excess: 30, overRefunds: 1 });
  await store(order('cancelled', 10, 0), order('completed', 5, DAY, { orderId: '2' }));
  await rollUpAll();
  await promoteAll(database.pool, grainNamed('week'));
  expect(await revenueOf()).toEqual({ revenue: 0, excess: 40, overRefunds: 2 });
  expect(await drifts()).toEqual([]);
});
