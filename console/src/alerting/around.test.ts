import { expect, test } from 'vitest';
import { around, filtersOf } from './around.ts';

const HOUR = 3_600_000;
const fired = Date.parse('2026-11-03T14:00:00Z');
const alert = { triggeredAt: '2026-11-03T14:00:00Z', resolvedAt: null, windowSeconds: 300 };

test('an alert that fires is shown from an hour before its window until now', () => {
  expect(around(alert, fired + 60_000)).toEqual({ start: fired - 300_000 - HOUR, end: fired + 60_000 });
});

test('an alert that ended is shown until an hour after', () => {
  const ended = { ...alert, resolvedAt: '2026-11-03T15:00:00Z' };
  expect(around(ended, fired + 24 * HOUR).end).toBe(fired + 2 * HOUR);
});

test('the model of a group is a filter of the pages about calls', () => {
  expect(filtersOf({ orgId: 'acme', modelId: 'gpt-4o' })).toEqual({ model: 'gpt-4o' });
});
