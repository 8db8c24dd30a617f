import { beforeAll, describe, expect, test } from 'vitest';
import { promoteAll, rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { grainNamed } from '../../../src/rollups/grains.ts';
import { reconcile } from '../../../src/rollups/reconcile/reconcile.ts';
import { DAY, HOUR, MINUTE } from '../../../src/time.ts';
import {
  type RawTakings,
  rawFunnel,
  rawInterest,
  rawOrders,
  rawSales,
} from '../../support/answers/raw-shop.ts';
import type { SentEvent } from '../../support/events/event-samples.ts';
import { useService } from '../../support/service/service.ts';
import { shopEvents } from './shop-events.ts';

const service = useService();
const now = Math.floor(Date.now() / MINUTE) * MINUTE;

function iso(millis: number): string {
  return new Date(millis).toISOString();
}

const YEAR_AGO = now - 365 * DAY;

async function send(events: readonly SentEvent[]): Promise<void> {
  const { json } = await service.call('/analytics/v1/events', { body: events });
  expect(json).toMatchObject({ stored: events.length, rejected: 0 });
  while ((await rollUp(service.database.pool)) > 0);
}

beforeAll(async () => {
  const { pool } = service.database;
  // Stored as whole weeks, as hours that wait, and as minutes. The events of a session are spread over them.
  const events = [
    ...shopEvents(1, 500, now, 13 * DAY),
    ...shopEvents(2, 150, now, 20 * HOUR),
    ...shopEvents(3, 200, YEAR_AGO, 9 * DAY),
  ];
  const part = (n: number) => events.filter((_, index) => index % 3 === n);
  await send(part(0));
  await promoteAll(pool, grainNamed('week'));
  await send(part(1));
  await promoteAll(pool, grainNamed('hour'));
  await send(part(2));
});

function ask(path: string, query: Record<string, string>) {
  return service.call(`/api/v1/analytics/business/${path}?${new URLSearchParams(query)}`);
}

async function answer(path: string, query: Record<string, string>) {
  const { json, status } = await ask(path, query);
  expect({ status, detail: json.detail }).toEqual({ status: 200, detail: undefined });
  return json;
}

/** The ranges of an answer: its own, and the one compared with. */
function rangesOf({
  orgId,
  start,
  end,
  comparison,
}: {
  orgId: string | null;
  start: string;
  end: string;
  comparison?: { start: string; end: string };
}) {
  return [
    { key: 'value' as const, range: { orgId, start, end } },
    ...(comparison
      ? [{ key: 'previous' as const, range: { orgId, start: comparison.start, end: comparison.end } }]
      : []),
  ];
}

type ComparedShown = Record<'value' | 'previous', number | null>;

/** Revenue as shown, with the currencies that had none then left out. */
function shownTakings(byCurrency: Record<string, unknown>[], key: 'value' | 'previous'): RawTakings[] {
  return byCurrency
    .map(
      (conditionOf) =>
        Object.fromEntries(
          ['currency', 'revenueCents', 'grossCents', 'refundsCents', 'cancellationsCents'].map((name) => [
            name,
            name === 'currency' ? conditionOf[name] : (conditionOf[name] as ComparedShown)[key],
          ]),
        ) as unknown as RawTakings,
    )
    .sort((a, b) => (a.currency < b.currency ? -1 : 1));
}

function cents(takings: readonly RawTakings[]) {
  return takings
    .map((conditionOf) => ({
      ...conditionOf,
      revenueCents: Math.round(conditionOf.revenueCents * 10_000) / 10_000,
    }))
    .filter(
      ({ grossCents, refundsCents, cancellationsCents }) => grossCents || refundsCents || cancellationsCents,
    );
}

const questions: [string, Record<string, string>][] = [
  ['one org over a week', { orgId: 'atelier', range: '7d' }],
  ['all orgs over a day', { range: '24h' }],
  ['all orgs over 30 days, beside those before', { range: '30d', compare: 'previous' }],
  ['one org over an hour, beside that before', { orgId: 'boutique', range: '1h', compare: 'previous' }],
  [
    'one org beside the year before',
    { orgId: 'atelier', range: '7d', compare: 'year', timezone: 'Asia/Kathmandu' },
  ],
  [
    'days of Berlin beside the days before',
    { start: iso(now - 6 * DAY), end: iso(now - 2 * DAY), compare: 'previous', timezone: 'Europe/Berlin' },
  ],
  [
    'a time before there was anything',
    { start: iso(now - 50 * DAY), end: iso(now - 40 * DAY), compare: 'previous' },
  ],
];

describe.each(questions)('figures of %s are those of the raw events', (_, query) => {
  test('overview', async () => {
    const { pool } = service.database;
    const shown = await answer('overview', query);
    for (const { key, range } of rangesOf(shown)) {
      const { byCurrency, unitsSold, unitsReturned } = await rawSales(pool, range);
      const counts = { ...(await rawOrders(pool, range)), unitsSold, unitsReturned };
      for (const [name, count] of Object.entries(counts))
        expect([name, shown[name][key]]).toEqual([name, count]);
      expect(cents(shownTakings(shown.byCurrency, key))).toEqual(cents(byCurrency));
    }
    if (query.compare) expect(shown.comparison.with).toBe(query.compare);
    else expect(shown.orders.previous).toBeNull();
  });

  test('funnel', async () => {
    const shown = await answer('funnel', query);
    for (const { key, range } of rangesOf(shown)) {
      const raw = await rawFunnel(service.database.pool, range);
      const stages = shown.stages.map(
        (conditionOf: { stage: string; sessions: ComparedShown; events: ComparedShown }) => ({
          stage: conditionOf.stage,
          sessions: conditionOf.sessions[key],
          events: conditionOf.events[key],
        }),
      );
      expect(stages).toEqual(raw);
    }
  });

  test('products', async () => {
    const { pool } = service.database;
    const shown = await answer('products', { ...query, limit: '500' });
    for (const { key, range } of rangesOf(shown)) {
      for (const product of shown.products) {
        const condition = `sku = '${product.sku}'`;
        const { byCurrency, lines, unitsSold, unitsReturned } = await rawSales(pool, range, condition);
        const counts = {
          ...(await rawInterest(pool, range, condition)),
          unitsSold,
          unitsReturned,
          purchases: lines,
        };
        for (const [name, count] of Object.entries(counts))
          expect([product.sku, name, product[name][key]]).toEqual([product.sku, name, count]);
        expect(cents(shownTakings(product.byCurrency, key))).toEqual(cents(byCurrency));
      }
    }
    expect(shown.total).toBe(shown.products.length);
    expect(shown.products.map(({ sku }: { sku: string }) => sku)).toContain('EM-1');
  });

  test('collections', async () => {
    const { pool } = service.database;
    const shown = await answer('collections', query);
    const conditionOf = (name: string) => `collection = '${name}'`;
    for (const { key, range } of rangesOf(shown)) {
      for (const collection of shown.collections) {
        const { byCurrency, lines, unitsSold, unitsReturned } = await rawSales(
          pool,
          range,
          conditionOf(collection.name),
        );
        // A view without a collection belongs to the collection of its product.
        const [{ skus } = { skus: [] }] = (
          await pool.query(
            `select array_agg(distinct sku) as skus from analytics.events where type = 'order_line' and ${conditionOf(collection.name)}`,
          )
        ).rows;
        const condition = `${conditionOf(collection.name)} or (collection is null and sku in (${skus.map((sku: string) => `'${sku}'`)}))`;
        const counts = {
          ...(await rawInterest(pool, range, condition)),
          purchases: lines,
          unitsSold,
          unitsReturned,
        };
        for (const [name, count] of Object.entries(counts))
          expect([collection.name, name, collection[name][key]]).toEqual([collection.name, name, count]);
        expect(cents(shownTakings(collection.byCurrency, key))).toEqual(cents(byCurrency));
      }
    }
  });

  test.each(['', 'collection', 'category', 'product', 'channel'])('sales by %s', async (breakdown) => {
    const { pool } = service.database;
    const shown = await answer('sales', { ...query, ...(breakdown && { breakdown }), limit: '3' });
    const plain = (point: { byCurrency: Record<string, unknown>[] }) =>
      cents(
        (
          point.byCurrency as unknown as (RawTakings & {
            minorUnitDecimals: number;
            overRefundedCents: number;
          })[]
        )
          .map(({ minorUnitDecimals: _, overRefundedCents: __, ...takings }) => takings)
          .sort((a, b) => (a.currency < b.currency ? -1 : 1)),
      );
    for (const { key, range } of rangesOf(shown)) {
      const raw = await rawSales(pool, range);
      expect(cents(shownTakings(shown.totals.byCurrency, key))).toEqual(cents(raw.byCurrency));
      expect(shown.totals.unitsSold[key]).toBe(raw.unitsSold);
      const column = breakdown === 'product' ? 'sku' : breakdown;
      const names = (shown.groups ?? []).flatMap(({ name, rest }: { name: string; rest: boolean }) =>
        rest || name === null ? [] : [name],
      );
      for (const group of shown.groups ?? []) {
        const list = names.map((name: string) => `'${name}'`).join(', ') || `''`;
        const condition = group.rest
          ? `(${column} is null or ${column} not in (${list}))${names.length + 1 < 4 ? ` and ${column} is not null` : ''}`
          : group.name === null
            ? `${column} is null`
            : `${column} = '${group.name}'`;
        const rawGroup = await rawSales(pool, range, condition);
        expect(cents(shownTakings(group.totals.byCurrency, key))).toEqual(cents(rawGroup.byCurrency));
        expect(group.totals.unitsReturned[key]).toBe(rawGroup.unitsReturned);
      }
    }
    for (const [index, point] of shown.series.entries()) {
      const later = shown.series[index + 1]?.bucketStart;
      const [own] = rangesOf(shown);
      const start = point.bucketStart < shown.start ? shown.start : point.bucketStart;
      const end = later === undefined || later > shown.end ? shown.end : later;
      const raw = await rawSales(pool, { orgId: own?.range.orgId ?? null, start, end });
      expect([point.bucketStart, plain(point)]).toEqual([point.bucketStart, cents(raw.byCurrency)]);
    }
  });
});

test('sessions and customers have no drift', async () => {
  expect((await reconcile(service.database.pool)).drifts).toEqual([]);
});
