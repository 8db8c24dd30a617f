import { describe, expect, test } from 'vitest';
import type { Row } from './event-type.ts';
import { type ReadEvent, readEvent } from './read-event.ts';

const now = Date.UTC(2026, 0, 31, 12);

interface Item {
  sku?: string;
  priceCents: number;
  quantity?: number;
  appliesTo?: string;
}

function send(items: readonly Item[] | undefined, more: object = {}) {
  return readEvent(
    {
      ...{ type: 'order', eventId: 'e', orgId: 'acme', occurredAt: '2026-01-31T11:00:00Z', orderId: '1' },
      ...{ status: 'completed', currency: 'EUR' },
      ...(items && { items: items.map((item) => ({ sku: 's', name: 'n', quantity: 1, ...item })) }),
      ...more,
    },
    { now },
  );
}

function read(...sent: Parameters<typeof send>): ReadEvent {
  const result = send(...sent);
  if (Array.isArray(result)) throw new Error(JSON.stringify(result));
  return result;
}

function faultsOf(...sent: Parameters<typeof send>) {
  const result = send(...sent);
  return Array.isArray(result) ? result : [];
}

function stored(...sent: Parameters<typeof send>): readonly Row[] {
  const { settled, rows } = read(...sent);
  return settled ?? rows;
}

/** SKU, amount in cents and units of each stored line. */
function linesOf(...sent: Parameters<typeof send>) {
  return stored(...sent)
    .slice(1)
    .map(({ sku, value, quantity }) => [sku, Number(value) / 10_000, quantity]);
}

describe('a line with a negative price is a discount', () => {
  test('that lowers the other lines in proportion and is no product', () => {
    const items = [
      { sku: 'R', priceCents: 10_000 },
      { sku: 'L', priceCents: 10_000 },
      { sku: 'COUPON', priceCents: -18_000 },
    ];
    expect(linesOf(items)).toEqual([
      ['R', 1_000, 1],
      ['L', 1_000, 1],
    ]);
    const [head] = stored(items);
    expect(head).toMatchObject({ value: 2_000 * 10_000, quantity: 2 });
    expect(JSON.parse(String(head?.attributes)).discounts).toEqual([
      { sku: 'COUPON', name: 'n', value: -18_000 * 10_000 },
    ]);
  });

  test('that lowers the lines of the SKU it names, before a discount of the whole order', () => {
    const items = [
      { sku: 'ALL', priceCents: -50 },
      { sku: 'R', priceCents: 100 },
      { sku: 'L', priceCents: 100, quantity: 2 },
      { sku: 'OFF', priceCents: -100, appliesTo: 'R' },
    ];
    expect(linesOf(items)).toEqual([
      ['R', 0, 1],
      ['L', 150, 2],
    ]);
  });

  test('whose parts add up to it exactly', () => {
    const lines = linesOf([
      ...[1, 1, 1].map((priceCents) => ({ priceCents })),
      { priceCents: 0 },
      { priceCents: -0.0001 },
    ]);
    expect(lines.reduce((sum, [, cents]) => sum + Math.round(Number(cents) * 10_000), 0)).toBe(29_999);
  });

  test('that is refused if it is larger than what it lowers', () => {
    expect(faultsOf([{ priceCents: 100 }, { priceCents: -101 }])).toEqual([
      {
        path: '$.items[1].priceCents',
        message: expect.stringContaining('a discount larger than the other lines'),
      },
    ]);
    expect(
      faultsOf([
        { sku: 'R', priceCents: 100 },
        { sku: 'L', priceCents: 1 },
        { priceCents: -2, appliesTo: 'L' },
      ]),
    ).toEqual([{ path: '$.items[2].priceCents', message: expect.stringContaining('the lines of SKU L') }]);
    expect(faultsOf([{ priceCents: 100, appliesTo: 's' }])).toEqual([
      { path: '$.items[0].appliesTo', message: expect.stringContaining('belongs to a discount') },
    ]);
  });
});

test.each(['refunded', 'cancelled', 'completed'])('%s with a negative total is refused', (status) => {
  expect(faultsOf([{ priceCents: -10_000 }], { status })).toEqual([
    { path: '$.items', message: expect.stringContaining('carries positive amounts') },
  ]);
});

test('a refund of an amount alone has no lines', () => {
  expect(stored(undefined, { status: 'refunded', amountCents: 500.5 })).toEqual([
    expect.objectContaining({ value: 5_005_000 }),
  ]);
  expect(faultsOf([{ priceCents: 1 }], { amountCents: 1 })).toHaveLength(1);
  expect(faultsOf(undefined)).toEqual([
    { path: '$.items', message: 'must be an array of 1 to 500 lines; or send amountCents' },
  ]);
});

test('a weight is sold at its price, and counts as whole units', () => {
  const [head, cheese, ham] = stored([
    { priceCents: 1_999, quantity: 0.5 },
    { priceCents: 0.0001, quantity: 2.345 },
  ]);
  expect(cheese).toMatchObject({ value: 9_995_000, quantity: 1 });
  expect(JSON.parse(String(cheese?.attributes))).toEqual({ name: 'n', quantity: 0.5 });
  expect(ham).toMatchObject({ value: 2, quantity: 3 });
  expect(head).toMatchObject({ value: 9_995_002, quantity: 4 });
  expect(faultsOf([{ priceCents: 1, quantity: 0.0005 }])).toHaveLength(1);
});

test('a product may belong to no collection and no category, and tax and shipping are no revenue', () => {
  const [head, line] = stored([{ priceCents: 100 }], { taxCents: 19, shippingCents: 490 });
  expect(line).not.toHaveProperty('collection');
  expect(head).toMatchObject({ value: 1_000_000 });
});

test('a currency that ISO 4217 does not have is refused', () => {
  for (const currency of ['EUR', 'JPY', 'KWD', 'KRW'])
    expect(faultsOf([{ priceCents: 1 }], { currency })).toEqual([]);
  for (const currency of ['EUX', 'XXX', 'eur', 'BTC', 'EURO', 978, null]) {
    expect(faultsOf([{ priceCents: 1 }], { currency })).toEqual([
      { path: '$.currency', message: expect.stringContaining('ISO 4217') },
    ]);
  }
});
