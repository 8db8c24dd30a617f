import { expect, test } from 'vitest';
import { sampleEvents } from '../../tests/support/events/event-samples.ts';
import type { Fault } from '../errors.ts';
import { readEvent } from './read-event.ts';

const now = Date.UTC(2026, 0, 31, 12);
const samples = sampleEvents('2026-01-31T12:00:00Z');

function faultsOf(type: string, change: Record<string, unknown>): Fault[] {
  const result = readEvent({ ...samples[type], ...change }, { now });
  return Array.isArray(result) ? result : [];
}

function unknownFields(count: number) {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`x${i}`, 1]));
}

test('of twenty-two faults twenty are named and the others counted', () => {
  const faults = faultsOf('usage', unknownFields(22));
  expect(faults.slice(0, 20).map(({ path }) => path)).toEqual(
    Array.from({ length: 20 }, (_, i) => `$.x${i}`),
  );
  expect(faults.slice(20)).toEqual([{ path: '$', message: 'has 2 more faults' }]);
  expect(faultsOf('usage', unknownFields(20))).toHaveLength(20);
});

test('a great many unknown fields are reported in a few words', () => {
  const faults = faultsOf('usage', unknownFields(100_000));
  expect(faults).toHaveLength(21);
  expect(faults.at(-1)?.message).toBe('has 99980 more faults');
  expect(faultsOf('usage', { ['y'.repeat(1e6)]: 1 })[0]?.path.length).toBeLessThan(100);
});

test('reading stops at the first faults of an order that is wrong everywhere', () => {
  let read = 0;
  const items = Array.from({ length: 500 }, () => ({
    get sku() {
      return ++read;
    },
  }));
  const faults = faultsOf('order', { items });
  expect(read).toBe(5);
  expect(faults).toHaveLength(21);
  expect(faults[0]).toEqual({ path: '$.items[0].sku', message: 'must be text of 1 to 200 characters' });
  expect(faults.at(-1)).toEqual({
    path: '$',
    message: 'is not checked from items[5] on',
  });
});
