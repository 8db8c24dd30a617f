import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SharedCapacity } from './capacity.ts';

/** Takes pieces of one until the owner is refused. */
function fill(capacity: SharedCapacity, owner: string): number {
  while (capacity.take(owner, 1));
  return capacity.heldBy(owner);
}

test('one owner alone gets half, and the next ones always find room', () => {
  const capacity = new SharedCapacity(1_200);
  expect(fill(capacity, 'a')).toBe(600);
  expect(fill(capacity, 'b')).toBe(300);
  expect(fill(capacity, 'c')).toBe(150);
  expect(capacity.free).toBe(150);
});

test('owners that take turns end with equal shares', () => {
  const capacity = new SharedCapacity(900);
  const owners = ['a', 'b'];
  for (let turn = 0; turn < 900; turn++) capacity.take(owners[turn % 2] ?? '', 1);
  expect(owners.map((owner) => capacity.heldBy(owner))).toEqual([300, 300]);
});

test('an amount that would not fit together with what is expected is not held', () => {
  const capacity = new SharedCapacity(100);
  expect(capacity.take('a', 10, 41)).toBe(true);
  expect(capacity.take('a', 10, 81)).toBe(false);
  expect(capacity.heldBy('a')).toBe(10);
});

test('a released amount is free for others', () => {
  const capacity = new SharedCapacity(100);
  capacity.take('a', 50);
  expect(capacity.take('b', 51)).toBe(false);
  capacity.release('a', 50);
  expect(capacity.take('b', 50)).toBe(true);
  expect(capacity.total).toBe(50);
});

test('whatever is taken and released, the sum is right and never above the capacity', () => {
  const step = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(60), fc.boolean());
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const capacity = new SharedCapacity(100);
      const held: Record<string, number> = { a: 0, b: 0, c: 0 };
      for (const [owner, amount, isTake] of steps) {
        const has = held[owner] ?? 0;
        if (isTake && capacity.take(owner, amount)) held[owner] = has + amount;
        if (!isTake && has >= amount) {
          capacity.release(owner, amount);
          held[owner] = has - amount;
        }
        expect(capacity.total).toBe(Object.values(held).reduce((sum, one) => sum + one, 0));
        expect(capacity.total).toBeLessThanOrEqual(100);
      }
    }),
  );
});
