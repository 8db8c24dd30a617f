import { expect, test } from 'vitest';
import type { Freshness } from './freshness.ts';
import { leastFresh } from './query-compared.ts';

const orders: Freshness = {
  asOf: '2026-11-30T12:00:00.005Z',
  lagSeconds: 0,
  status: 'fresh',
  lastRollupAt: '2026-11-30T11:59:00.000Z',
};

/** Read five milliseconds earlier, of a type without events. */
const overRefunds: Freshness = { ...orders, asOf: '2026-11-30T12:00:00.000Z', lastRollupAt: null };

test('an answer of several queries is as complete as the least complete one', () => {
  const late: Freshness = { ...orders, asOf: '2026-11-30T11:50:00.000Z', lagSeconds: 600, status: 'stale' };
  expect(leastFresh(orders, late, overRefunds)).toMatchObject({
    asOf: late.asOf,
    lagSeconds: 600,
    status: 'stale',
  });
});

test('an answer of several queries says when the last of them changed, whichever was read first', () => {
  expect(leastFresh(orders, overRefunds).lastRollupAt).toBe(orders.lastRollupAt);
  expect(leastFresh(overRefunds, orders).lastRollupAt).toBe(orders.lastRollupAt);
  expect(leastFresh(overRefunds, overRefunds).lastRollupAt).toBeNull();
});
