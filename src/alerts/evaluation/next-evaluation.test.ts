import { expect, test } from 'vitest';
import { MINUTE, SECOND } from '../../time.ts';
import { nextEvaluation } from './next-evaluation.ts';

const due = Date.UTC(2026, 0, 1);
const attempt = { due, ended: due, took: 10, interval: MINUTE, failures: 0 };

/** Milliseconds from the end of an evaluation until the next. */
function pause(given: object): number {
  const one = { ...attempt, ...given };
  return nextEvaluation(one) - one.ended;
}

test('a rule keeps its rhythm, however many evaluations were missed', () => {
  expect(nextEvaluation(attempt)).toBe(due + MINUTE);
  expect(nextEvaluation({ ...attempt, ended: due + 59 * SECOND })).toBe(due + MINUTE);
  expect(nextEvaluation({ ...attempt, ended: due + MINUTE })).toBe(due + 2 * MINUTE);
  expect(nextEvaluation({ ...attempt, ended: due + 90 * MINUTE + 1 })).toBe(due + 91 * MINUTE);
});

test('a rule that failed quickly is tried again soon, then later, up to its interval', () => {
  const pauses = [1, 2, 3, 6, 7, 1_000].map((failures) => pause({ failures, took: 0 }));
  expect(pauses).toEqual([1, 2, 4, 32, 60, 60].map((seconds) => seconds * SECOND));
  expect(pause({ failures: 1_000, took: 0, interval: 24 * 60 * MINUTE })).toBe(10 * MINUTE);
});

test('a rule that failed slowly rests nine times as long as it took, and twice that after each further failure', () => {
  const took = 8 * SECOND;
  const pauses = [1, 2, 3, 4, 1_000].map((failures) => pause({ failures, took, interval: 5 * SECOND }));
  expect(pauses).toEqual([72, 144, 288, 576, 600].map((seconds) => seconds * SECOND));
});

test('a rule that is slow without failing does not rest', () => {
  expect(pause({ took: 8 * SECOND, interval: 5 * SECOND })).toBe(5 * SECOND);
});
