import fc from 'fast-check';
import { expect, test } from 'vitest';
import { excessOf } from './excess.ts';

function entries(...amounts: number[]) {
  return amounts.map((amount, at) => ({ at, amount: BigInt(amount) }));
}

test('a refund and a cancellation of the whole order: the second is in excess', () => {
  expect(excessOf(entries(10_000, -10_000, -10_000))).toEqual([{ at: 2, amount: 10_000n }]);
});

test('a partial and then a full refund: the part that was given back already is in excess', () => {
  expect(excessOf(entries(10_000, -3_000, -10_000))).toEqual([{ at: 2, amount: 3_000n }]);
});

test('a refund of an order that nobody completed is not in excess, since what was paid is not known', () => {
  expect(excessOf(entries(-5))).toEqual([]);
  expect(excessOf(entries(0, -5))).toEqual([{ at: 1, amount: 5n }]);
});

test('an order is never below 0, whatever the order of arrival', () => {
  const entry = fc.record({ at: fc.nat(5), amount: fc.integer({ min: -9, max: 9 }).map(BigInt) });
  fc.assert(
    fc.property(fc.array(entry), fc.infiniteStream(fc.nat()), (some, keys) => {
      const shuffled = some
        .map((each) => ({ each, key: keys.next().value }))
        .sort((a, b) => a.key - b.key)
        .map(({ each }) => each);
      expect(excessOf(shuffled)).toEqual(excessOf(some));
      const excess = excessOf(some).reduce((sum, { amount }) => sum + amount, 0n);
      const net = some.reduce((sum, { amount }) => sum + amount, 0n);
      if (some.some(({ amount }) => amount >= 0n)) expect(net + excess >= 0n).toBe(true);
      else expect(excess).toBe(0n);
    }),
  );
});
