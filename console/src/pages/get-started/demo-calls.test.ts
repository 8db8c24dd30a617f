import { expect, test } from 'vitest';
import { DEMO_CALLS, demoCalls } from './demo-calls.ts';

const now = Date.parse('2026-11-30T12:34:56Z');
const calls = demoCalls('acme', now);

test('the calls are of the last day, and each has an id of its own', () => {
  expect(calls).toHaveLength(DEMO_CALLS);
  expect(new Set(calls.map(({ eventId }) => eventId)).size).toBe(DEMO_CALLS);
  const times = calls.map(({ occurredAt }) => occurredAt).sort();
  expect(times[0]).toMatch(/^2026-11-29T12:/);
  expect(times.at(-1)).toMatch(/^2026-11-30T11:/);
});

test('a second press within the hour sends the same calls', () => {
  expect(demoCalls('acme', now + 60_000)).toEqual(calls);
  expect(demoCalls('acme', now + 3_600_000)[0]?.eventId).not.toBe(calls[0]?.eventId);
});

test('there are several models, a cost, and an hour to find in which one of them fails', () => {
  expect(new Set(calls.map(({ modelId }) => modelId)).size).toBe(3);
  const cents = calls.reduce((sum, { costEstimateCents }) => sum + costEstimateCents, 0);
  expect(cents).toBeGreaterThan(100);
  const failed = Map.groupBy(
    calls.filter(({ status }) => status === 'error'),
    ({ occurredAt }) => occurredAt.slice(0, 13),
  );
  const [worst] = [...failed].sort(([, one], [, other]) => other.length - one.length);
  expect(worst?.[0]).toBe('2026-11-30T06');
});
