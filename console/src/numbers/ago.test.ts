import { expect, test } from 'vitest';
import { ago } from './ago.ts';
import { bytes } from './bytes.ts';

const NOW = Date.parse('2026-11-03T14:03:21Z');

test('a moment is told in the largest unit that it fills', () => {
  expect(ago(NOW - 2_400, NOW)).toBe('2 seconds ago');
  expect(ago(NOW - 61_000, NOW)).toBe('1 minute ago');
  expect(ago(NOW - 3_600_000, NOW)).toBe('1 hour ago');
  expect(ago('2026-10-31T14:03:21Z', NOW)).toBe('3 days ago');
});

test('a moment of a clock that is ahead is now', () => {
  expect(ago(NOW + 5_000, NOW)).toBe('0 seconds ago');
});

test('a size has the unit in which it is below a thousand', () => {
  expect(bytes(0)).toBe('0 byte');
  expect(bytes(999)).toBe('999 byte');
  expect(bytes(1_234_567)).toBe('1.2 MB');
  expect(bytes(999_960)).toBe('1 MB');
  expect(bytes(null)).toBe('–');
});
