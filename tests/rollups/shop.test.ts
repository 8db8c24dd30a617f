// biome-ignore-all lint/style/noExcessiveLinesPerFile: one set of visits, orders and products, and every step
// on it
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { beforeEach, describe, expect, inject, test } from 'vitest';
import { withTransaction } from '../../src/database/pool.ts';
import { answerFunnel } from '../../src/queries/business/funnel.ts';
import { answerBusinessOverview } from '../../src/queries/business/overview.ts';
import { promote, promoteAll, rollUp } from '../../src/rollups/fold/roll-up.ts';
import { grainNamed, grains } from '../../src/rollups/grains.ts';
import { reconcile } from '../../src/rollups/reconcile/reconcile.ts';
import { rebuild } from '../../src/rollups/remake/rebuild.ts';
import { compact } from '../../src/rollups/upkeep/compact.ts';
import { applyRetention } from '../../src/rollups/upkeep/retention.ts';
import { DAY, HOUR, MINUTE } from '../../src/time.ts';
import { rawFunnel, rawOrders } from '../support/answers/raw-shop.ts';
import { usualRetention } from '../support/answers/retention.ts';
import { useDatabase } from '../support/database/database.ts';
import type { SentEvent } from '../support/events/event-samples.ts';
import { useIngestion } from '../support/events/ingestion.ts';
import { skipUnless } from '../support/skip-unless.ts';

const database = useDatabase();
const NOON = Date.UTC(2026, 10, 18, 12);
let now = NOON;
const { store } = useIngestion(database, { now: () => now });

function iso(millis: number): string {
  return new Date(millis).toISOString();
}

const TABLES = [
  ...['events', 'event_keys', 'ingestion_batches', 'rollups', 'folds', 'removals', 'freshness_status'],
  ...['sessions', 'customer_orders', 'products', 'orders'],
];
beforeEach(async () => {
  now = NOON;
  await database.pool.query(`truncate ${TABLES.map((table) => `analytics.${table}`)}`);
});

async function rollUpAll() {
  while ((await rollUp(database.pool)) > 0);
}

let events = 0;

function visit(sessionId: string, stage: string, ago: number, orgId = 'acme'): SentEvent {
  return {
    eventId: `e-${events++}`,
    orgId,
    type: 'storefront',
    occurredAt: iso(NOON - ago),
    stage,
    sessionId,
  };
}

function order(ago: number, more: SentEvent = {}): SentEvent {
  return {
    eventId: `e-${events++}`,
    orgId: 'acme',
    type: 'order',
    occurredAt: iso(NOON - ago),
    orderId: `o-${events}`,
    status: 'completed',
    currency: 'EUR',
    items: [{ sku: 's', name: 'S', collection: 'c', category: 'k', quantity: 1, priceCents: 100 }],
    ...more,
  };
}

function questionOf(orgId: string, start: number, end: number) {
  return {
    orgId,
    range: { start, end },
    granularity: 'day' as const,
    timezone: 'UTC',
    compare: undefined,
    now,
  };
}

/** Where sessions or customers differ from the raw events in some ranges; empty when all is well. */
async function differences(): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const orgId of ['acme', '*']) {
    for (const [ago, length] of [
      [12 * DAY, 14 * DAY],
      [30 * HOUR, 26 * HOUR],
      [3 * DAY, DAY],
      [HOUR, 37 * MINUTE],
    ] as const) {
      const question = questionOf(orgId, NOON - ago, NOON - ago + length);
      const funnel = await answerFunnel(database.pool, question);
      const range = { orgId: funnel.orgId, start: funnel.start, end: funnel.end };
      const shown = funnel.stages.map(({ stage, sessions, events: all }) => ({
        stage,
        sessions: sessions.value,
        events: all.value,
      }));
      const raw = await rawFunnel(database.pool, range);
      if (JSON.stringify(shown) !== JSON.stringify(raw)) found.push({ range, shown, raw });
      const { customers, ordersWithoutCustomer, orders } = await answerBusinessOverview(
        database.pool,
        question,
      );
      const rawCounts = await rawOrders(database.pool, range);
      const counts = {
        customers: customers.value,
        ordersWithoutCustomer: ordersWithoutCustomer.value,
        orders: orders.value,
      };
      for (const [name, count] of Object.entries(counts))
        if (rawCounts[name] !== count) found.push({ range, name, count, raw: rawCounts[name] });
    }
  }
  return [...found, ...(await reconcile(database.pool)).drifts];
}

async function stagesOf(orgId: string, start: number, end: number): Promise<(number | null)[]> {
  return (await answerFunnel(database.pool, questionOf(orgId, start, end))).stages.map(
    ({ sessions }) => sessions.value,
  );
}

describe('a session', () => {
  test('counts once for each stage, at its beginning, whichever of its events arrives first', async () => {
    await store(visit('s', 'checkout', 2 * HOUR));
    await rollUpAll();
    expect(await stagesOf('acme', NOON - 3 * HOUR, NOON - HOUR)).toEqual([1, 1, 1, 0]);
    await promoteAll(database.pool, grainNamed('week'));
    await store(visit('s', 'visit', DAY), visit('s', 'visit', 5 * HOUR), order(HOUR, { sessionId: 's' }));
    await rollUpAll();
    expect(await stagesOf('acme', NOON - 3 * HOUR, NOON)).toEqual([0, 0, 0, 0]);
    expect(await stagesOf('acme', NOON - DAY, NOON - DAY + MINUTE)).toEqual([1, 1, 1, 1]);
    expect(await stagesOf('*', NOON - 2 * DAY, NOON)).toEqual([1, 1, 1, 1]);
    await store(visit('s', 'add_to_cart', HOUR), order(0, { sessionId: 's' }));
    await rollUpAll();
    expect(await stagesOf('acme', NOON - 2 * DAY, NOON + MINUTE)).toEqual([1, 1, 1, 1]);
    expect(await differences()).toEqual([]);
  });

  test('is another one in another org, and needs a name', async () => {
    await store(visit('s', 'visit', HOUR), visit('s', 'add_to_cart', HOUR, 'globex'), order(HOUR));
    await rollUpAll();
    expect(await stagesOf('*', NOON - 2 * HOUR, NOON)).toEqual([2, 1, 0, 0]);
    expect(await stagesOf('globex', NOON - 2 * HOUR, NOON)).toEqual([1, 1, 0, 0]);
  });

  test('is not completed by an order that is taken back', async () => {
    await store(visit('s', 'visit', HOUR), order(HOUR, { sessionId: 's', status: 'refunded' }));
    await rollUpAll();
    expect(await stagesOf('acme', NOON - 2 * HOUR, NOON)).toEqual([1, 0, 0, 0]);
  });

  test('is forgotten some days after its last change, and its counts stay', async () => {
    await store(visit('s', 'visit', 3 * DAY));
    await rollUpAll();
    await promoteAll(database.pool, grainNamed('week'));
    const retain = async (days: number) => {
      now = Date.now() + days * DAY;
      await applyRetention({ ...usualRetention(database.pool), now });
      return (await database.pool.query('select from analytics.sessions')).rowCount;
    };
    expect(await retain(8)).toBe(1);
    expect(await retain(11)).toBe(0);
    expect(await stagesOf('acme', NOON - 4 * DAY, NOON)).toEqual([1, 0, 0, 0]);
  });
});

describe('a product', () => {
  const namesOf = async () =>
    (await database.pool.query('select sku, name, collection, stock from analytics.products order by sku'))
      .rows;
  const sold = (ago: number, name: string, more: SentEvent = {}) =>
    order(ago, {
      items: [{ sku: 's', name, collection: `${name} 🌹`, category: 'k', quantity: 1, priceCents: 1 }],
      ...more,
    });
  const stock = (ago: number, quantity: number): SentEvent => ({
    eventId: `e-${events++}`,
    orgId: 'acme',
    type: 'inventory',
    occurredAt: iso(NOON - ago),
    sku: 's',
    quantity,
  });

  test('has the name and stock of its last event, in whatever order they arrive', async () => {
    for (const event of [sold(HOUR, 'new'), stock(HOUR, 3), sold(DAY, 'old'), stock(DAY, 40)]) {
      await store(event);
      await rollUpAll();
    }
    expect(await namesOf()).toEqual([{ sku: 's', name: 'new', collection: 'new 🌹', stock: 3 }]);
    await store(sold(MINUTE, 'old', { status: 'refunded' }), stock(0, -2), stock(0, -1));
    await rollUpAll();
    expect(await namesOf()).toEqual([{ sku: 's', name: 'new', collection: 'new 🌹', stock: -1 }]);
  });
});

const step = fc.record({
  events: fc.array(
    fc.record({
      kind: fc.constantFrom('visit', 'product_view', 'add_to_cart', 'checkout', 'completed', 'refunded'),
      session: fc.constantFrom('a', 'b', 'c', undefined),
      customer: fc.constantFrom('x', 'y', undefined),
      orgId: fc.constantFrom('acme', 'globex'),
      minutesAgo: fc.oneof(fc.nat(90), fc.nat((11 * DAY) / MINUTE)),
    }),
    { maxLength: 12 },
  ),
  work: fc.array(fc.constantFrom('promote', 'compact', 'rebuild', 'week', 'two workers'), { maxLength: 3 }),
  grain: fc.constantFrom(...grains),
  from: fc.nat(9),
  days: fc.integer({ min: 1, max: 6 }),
});

test('in any order of steps, sessions and customers are those of the raw events', {
  timeout: 180_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
      await database.pool.query(`truncate ${TABLES.map((table) => `analytics.${table}`)}`);
      for (const { events: some, work, grain, from, days } of steps) {
        const sent = some.map(({ kind, session, customer, orgId, minutesAgo }) => {
          const more = { orgId, ...(session && { sessionId: session }) };
          return kind === 'completed' || kind === 'refunded'
            ? order(minutesAgo * MINUTE, { ...more, status: kind, ...(customer && { customerId: customer }) })
            : { ...visit('', kind, minutesAgo * MINUTE), sessionId: undefined, ...more };
        });
        const half = Math.ceil(sent.length / 2);
        for (const part of [sent.slice(0, half), sent.slice(half)]) {
          const parts = part.map(({ sessionId, ...event }) => (sessionId ? { ...event, sessionId } : event));
          if (parts.length > 0) expect(await store(...parts)).toMatchObject({ rejected: 0 });
        }
        if (work.includes('two workers')) await Promise.all([rollUp(database.pool), rollUp(database.pool)]);
        // A rebuild leaves waiting batches to their roll-up.
        const range = { from: new Date(NOON - from * DAY), to: new Date(NOON + (days - from) * DAY) };
        if (work.includes('rebuild')) await rebuild(database.pool, range);
        await rollUpAll();
        if (work.includes('promote')) await promote(database.pool, grain);
        if (work.includes('week')) await promoteAll(database.pool, grainNamed('week'));
        if (work.includes('compact')) while ((await compact(database.pool, grain)) > 0);
        expect(await differences()).toEqual([]);
      }
    }),
    { numRuns: Number(process.env.PROPERTY_RUNS ?? 12) },
  );
});

test('a customer who returns after their last order was removed is no drift', async () => {
  now = NOON - 431 * DAY;
  await store(order(431 * DAY, { customerId: 'back' }));
  await rollUpAll();
  now = NOON;
  await store(order(DAY, { customerId: 'back' }));
  await rollUpAll();
  await promoteAll(database.pool, grainNamed('week'));
  await applyRetention({ ...usualRetention(database.pool), now });
  const { rows } = await database.pool.query('select before from analytics.customer_orders');
  expect(rows).toEqual([{ before: new Date(NOON - 431 * DAY) }]);
  expect((await reconcile(database.pool)).drifts).toEqual([]);
});

describe('lost or wrong rows', () => {
  const damage = async (statement: string) => {
    await store(
      visit('a', 'visit', DAY),
      visit('a', 'checkout', DAY - MINUTE),
      visit('b', 'visit', DAY),
      order(DAY, { customerId: 'x' }),
    );
    await rollUpAll();
    await promoteAll(database.pool, grainNamed('week'));
    await database.pool.query(statement);
    return (await reconcile(database.pool)).drifts.map(({ type }) => type);
  };

  test.each([
    [`delete from analytics.rollups where type = 'session'`, 'session'],
    [`update analytics.rollups set count = count + 1 where type = 'session' and grain = 'hour'`, 'session'],
    [`update analytics.customer_orders set orders = 2`, 'customer_orders'],
    [`delete from analytics.customer_orders`, 'customer_orders'],
    [
      `update analytics.customer_orders set before = '${new Date(NOON - 4 * DAY).toISOString()}'`,
      'customer_orders',
    ],
  ])('are found, and repaired by a rebuild: %s', async (statement, type) => {
    expect(new Set(await damage(statement))).toEqual(new Set([type]));
    await rebuild(database.pool, { from: new Date(NOON - DAY), to: new Date(NOON) });
    expect(await differences()).toEqual([]);
  });
});

const upgradable = skipUnless(
  !inject('extensions').includes('citus'),
  'this migration is older than distribution by Citus',
);

test(
  'an upgrade takes over sessions, customers and products from raw events, in the series of later folds',
  upgradable,
  async () => {
    await store(
      visit('a', 'visit', DAY),
      visit('b', 'add_to_cart', DAY, 'glöbex'),
      order(HOUR, { sessionId: 'a', customerId: 'x' }),
      order(DAY, { customerId: 'x' }),
      order(DAY),
      { eventId: 'i', orgId: 'acme', type: 'inventory', occurredAt: iso(NOON), sku: 's', quantity: 4 },
    );
    await rollUpAll();
    const kept = async () => ({
      products: (await database.pool.query('select * from analytics.products')).rows,
      customers: (
        await database.pool.query(
          'select org_id, minute, customer, orders, before from analytics.customer_orders order by 1, 2, 3',
        )
      ).rows,
      series: (
        await database.pool.query(
          `select org_id, series_key from analytics.series where type = 'session' and (org_id, series_id) in (
           select org_id, series_id from analytics.rollups) order by 1, 2`,
        )
      ).rows,
    });
    const before = await kept();
    await store(visit('a', 'visit', 2 * DAY));
    const migrations = [];
    for (const name of ['0006_shop', '0010_customer_order_chain']) {
      const path = new URL(`../../src/database/migrations/${name}.sql`, import.meta.url);
      const [up = '', down = ''] = (await readFile(path, 'utf8')).split('-- Down Migration');
      migrations.push({ up, down });
    }
    for (const { down } of migrations.toReversed())
      await withTransaction(database.pool, (client) => client.query(down));
    for (const { up } of migrations) await withTransaction(database.pool, (client) => client.query(up));
    expect(await kept()).toEqual(before);
    expect(await stagesOf('*', NOON - 3 * DAY, NOON + HOUR)).toEqual([2, 2, 1, 1]);
    await rollUpAll();
    await promoteAll(database.pool, grainNamed('week'));
    expect(await differences()).toEqual([]);
  },
);
