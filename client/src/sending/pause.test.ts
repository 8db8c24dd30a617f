import { expect, test } from 'vitest';
import { pauseAfter, readRetryAfter } from './pause.ts';

test('pauses grow with each failure, up to half a minute', () => {
  const longest = (failures: number) =>
    Math.max(...Array.from({ length: 2_000 }, () => pauseAfter(failures)));
  expect(longest(1)).toBeLessThanOrEqual(400);
  expect(longest(4)).toBeGreaterThan(longest(1));
  expect(longest(1_000)).toBeLessThanOrEqual(30_000);
  expect(longest(1_000)).toBeGreaterThan(20_000);
});

test('Retry-After is read in seconds and as a date', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  expect(readRetryAfter('7', now)).toBe(7_000);
  expect(readRetryAfter('Thu, 01 Jan 2026 00:01:00 GMT', now)).toBe(60_000);
  expect(readRetryAfter('Wed, 31 Dec 2025 00:00:00 GMT', now)).toBe(0);
  expect(readRetryAfter('soon', now)).toBeUndefined();
  expect(readRetryAfter(null, now)).toBeUndefined();
});
