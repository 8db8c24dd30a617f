import { expect, test } from 'vitest';
import { makeUsage, usageMaker } from './fixtures.ts';

const now = Date.UTC(2026, 0, 15, 12);

function take(seed: number) {
  const make = usageMaker(seed, now);
  return Array.from({ length: 500 }, () => make());
}

test('the same seed makes the same events, another seed makes others', () => {
  expect(take(7)).toEqual(take(7));
  expect(take(7)[0]).not.toEqual(take(8)[0]);
});

test('events of a sequence have unique ids, and lie in the hour before now', () => {
  const events = take(3);
  expect(new Set(events.map((event) => event.eventId)).size).toBe(500);
  for (const event of events) {
    const age = now - Date.parse(event.occurredAt);
    expect(age).toBeGreaterThan(0);
    expect(age).toBeLessThanOrEqual(3_600_000);
  }
});

test('costs have at most four decimals', () => {
  for (const { costEstimateCents } of take(5)) {
    expect(Math.round(costEstimateCents * 10_000)).toBeCloseTo(costEstimateCents * 10_000, 6);
  }
});

test('a field that a test sets is kept', () => {
  expect(makeUsage({ orgId: 'globex', latencyMs: 12 })).toMatchObject({ orgId: 'globex', latencyMs: 12 });
});
