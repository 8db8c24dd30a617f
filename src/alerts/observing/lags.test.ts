import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lagsOf } from './lags.ts';

const grid = { start: 10_000, step: 1_000, moments: 8 };

test('the lag is 0 where no batch is stored', () => {
  expect([...lagsOf([], grid)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
});

test('the lag is that of the oldest batch that is not rolled up', () => {
  const waiting = [
    { first: 0, last: 2, since: 9_500 },
    { first: 2, last: 4, since: 11_200 },
    { first: 7, last: 9, since: 16_900 },
  ];
  expect([...lagsOf(waiting, grid)]).toEqual([0.5, 1.5, 2.5, 1.8, 2.8, 0, 0, 0.1]);
});

test('the lags are the same as when each moment is looked at by itself', () => {
  const stored = fc.record({ since: fc.integer({ min: 8_000, max: 18_000 }), waits: fc.nat(6_000) });
  fc.assert(
    fc.property(fc.array(stored), (batches) => {
      const waiting = batches
        .toSorted((a, b) => a.since - b.since)
        .map(({ since, waits }) => ({
          since,
          first: Math.max(0, Math.ceil((since - grid.start) / grid.step)),
          last: Math.ceil((since + waits - grid.start) / grid.step) - 1,
        }));
      const lags = lagsOf(
        waiting.filter(({ first, last }) => first <= last),
        grid,
      );
      for (const [index, lag] of lags.entries()) {
        const at = grid.start + index * grid.step;
        const open = batches.filter(({ since, waits }) => since <= at && at < since + waits);
        const oldest = Math.min(at, ...open.map(({ since }) => since));
        expect(lag).toBe((at - oldest) / 1_000);
      }
    }),
  );
});
