import { expect, test } from 'vitest';
import { HOUR } from '../../time.ts';
import { removeInSteps } from './remove-by-time.ts';

const HOURS = 9_360;

/** Removes from hours that have the same number of rows each. Gives the hours of each step. */
async function stepsOver(rowsOf: (hour: number) => number): Promise<{ steps: number[]; removed: number }> {
  const steps: number[] = [];
  let next = 0;
  const removed = await removeInSteps({
    before: new Date(HOURS * HOUR),
    step: HOUR,
    oldest: async () => new Date(next * HOUR),
    remove: async (from, to) => {
      // Each step begins where the last one ended.
      expect(from.getTime()).toBe(next * HOUR);
      const first = next;
      next = to.getTime() / HOUR;
      steps.push(next - first);
      return Array.from({ length: next - first }, (_, i) => rowsOf(first + i)).reduce((a, b) => a + b, 0);
    },
  });
  expect(next).toBe(HOURS);
  return { steps, removed };
}

test('a long history with few rows takes few steps', async () => {
  const { steps, removed } = await stepsOver(() => 100);
  expect(removed).toBe(100 * HOURS);
  expect(steps.length).toBeLessThan(320);
  expect(Math.max(...steps)).toBe(32);
});

test('a history with many rows in each hour is removed hour by hour', async () => {
  const { steps, removed } = await stepsOver(() => 20_000);
  expect(removed).toBe(20_000 * HOURS);
  expect(Math.max(...steps)).toBe(1);
});

test('steps become short again where rows become many', async () => {
  const { steps } = await stepsOver((hour) => (hour < 1_000 ? 1 : 20_000));
  expect(steps.slice(-100).every((hours) => hours === 1)).toBe(true);
});
