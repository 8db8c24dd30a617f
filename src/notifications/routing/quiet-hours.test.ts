import { expect, test } from 'vitest';
import { afterQuietHours } from './quiet-hours.ts';

test.each([
  ['22:00', '07:00', 'UTC', '2026-11-20T21:59Z', '2026-11-20T21:59Z'],
  ['22:00', '07:00', 'UTC', '2026-11-20T22:00Z', '2026-11-21T07:00Z'],
  ['22:00', '07:00', 'UTC', '2026-11-21T03:00Z', '2026-11-21T07:00Z'],
  ['22:00', '07:00', 'UTC', '2026-11-21T07:00Z', '2026-11-21T07:00Z'],
  ['12:00', '13:00', 'UTC', '2026-11-21T12:30Z', '2026-11-21T13:00Z'],
  ['12:00', '12:00', 'UTC', '2026-11-21T12:00Z', '2026-11-21T12:00Z'],
  ['22:00', '07:00', 'Asia/Kolkata', '2026-11-20T17:00Z', '2026-11-21T01:30Z'],
  // The night in which the clocks go forward, and quiet hours that end at a time that is skipped.
  ['22:00', '07:00', 'Europe/Berlin', '2026-03-28T22:00Z', '2026-03-29T05:00Z'],
  ['22:00', '02:30', 'Europe/Berlin', '2026-03-28T22:00Z', '2026-03-29T01:30Z'],
])('quiet from %s to %s in %s: ready at %s is sent at %s', (from, to, timezone, ready, sent) => {
  expect(afterQuietHours({ from, to, timezone }, Date.parse(ready))).toBe(Date.parse(sent));
});

test('quiet hours in a zone that cannot be calculated with are ignored', () => {
  expect(afterQuietHours({ from: '00:00', to: '23:59', timezone: 'IST' }, 7)).toBe(7);
});

test('a recipient without quiet hours is told at once', () => {
  expect(afterQuietHours(null, 7)).toBe(7);
});
