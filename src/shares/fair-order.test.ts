import fc from 'fast-check';
import { expect, test } from 'vitest';
import { takeFairly } from './fair-order.ts';

interface Item {
  owner: string;
  size: number;
}

const measures = { ownerOf: (item: Item) => item.owner, sizeOf: (item: Item) => item.size };

function items(...list: [owner: string, size: number][]): Item[] {
  return list.map(([owner, size]) => ({ owner, size }));
}

test('a small item behind many large ones of another owner is in the next batch', () => {
  const waiting = items(['a', 1_000], ['a', 1_000], ['a', 1_000], ['b', 1]);
  const { batch, rest } = takeFairly(waiting, 2_000, measures);
  expect(batch).toEqual(items(['a', 1_000], ['b', 1], ['a', 1_000]));
  expect(rest).toEqual(items(['a', 1_000]));
});

test('one owner alone gets whole batches, in order', () => {
  const waiting = items(['a', 3], ['a', 4], ['a', 5]);
  const { batch, rest } = takeFairly(waiting, 6, measures);
  expect(batch).toEqual(items(['a', 3], ['a', 4]));
  expect(rest).toEqual(items(['a', 5]));
});

test('items of no size all go with the batch', () => {
  const waiting = items(['a', 0], ['b', 0], ['a', 0]);
  expect(takeFairly(waiting, 10, measures).batch).toHaveLength(3);
});

test('nothing is lost, and the order of each owner is kept', () => {
  const item = fc.record({ owner: fc.constantFrom('a', 'b', 'c'), size: fc.nat(20) });
  fc.assert(
    fc.property(fc.array(item), fc.integer({ min: 1, max: 100 }), (waiting, limit) => {
      const { batch, rest } = takeFairly(waiting, limit, measures);
      for (const owner of ['a', 'b', 'c']) {
        const of = (list: readonly Item[]) => list.filter((one) => one.owner === owner);
        expect([...of(batch), ...of(rest)]).toEqual(of(waiting));
      }
      expect(batch.length > 0 || waiting.length === 0).toBe(true);
    }),
  );
});
