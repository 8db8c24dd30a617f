import { expect, test } from 'vitest';
import { MINUTE, SECOND } from '../time.ts';
import { Breakers } from './breakers.ts';

function never(): number {
  return 0;
}

/** Fails so often at once. @returns the last hold */
function fail(breakers: Breakers, times: number, now = 0) {
  let hold: ReturnType<Breakers['failed']>;
  for (let time = 0; time < times; time++) hold = breakers.failed('a', now, now);
  return hold;
}

test('a destination is held back after three failures in a row, and others are not', () => {
  const breakers = new Breakers(never);
  expect(fail(breakers, 2)).toBeUndefined();
  expect(breakers.attempts('a', 0, 2)).toBe(2);
  expect(fail(breakers, 1)).toEqual({ failuresInARow: 3, until: 5 * SECOND });
  expect(breakers.held(0)).toEqual(['a']);
  expect(breakers.attempts('b', 0, 2)).toBe(2);
});

test('after a hold one attempt is made at a time, and each failure doubles the hold up to a minute', () => {
  const breakers = new Breakers(never);
  let until = fail(breakers, 3)?.until ?? 0;
  const holds: number[] = [];
  for (let probe = 0; probe < 5; probe++) {
    expect(breakers.attempts('a', until - 1, 2)).toBe(0);
    expect(breakers.attempts('a', until, 2)).toBe(1);
    const next = breakers.failed('a', until, until)?.until ?? 0;
    holds.push(next - until);
    until = next;
  }
  expect(holds).toEqual([10 * SECOND, 20 * SECOND, 40 * SECOND, MINUTE, MINUTE]);
});

test('attempts that were under way when the hold began do not extend it', () => {
  const breakers = new Breakers(never);
  const hold = fail(breakers, 3, 1_000);
  expect(breakers.failed('a', 500, 2_000)).toBeUndefined();
  expect(breakers.attempts('a', hold?.until ?? 0, 2)).toBe(1);
});

test('an answer ends it', () => {
  const breakers = new Breakers(never);
  fail(breakers, 3);
  breakers.answered('a');
  expect(breakers.attempts('a', 0, 2)).toBe(2);
  expect(breakers.held(0)).toEqual([]);
});

test('holds of destinations that failed together end at different times', () => {
  const chances = [0, 0.5];
  const breakers = new Breakers(() => chances.shift() ?? 0);
  const untils = ['a', 'b'].map((key) => {
    for (let time = 0; time < 2; time++) breakers.failed(key, 0, 0);
    return breakers.failed(key, 0, 0)?.until;
  });
  expect(untils).toEqual([5 * SECOND, 3.75 * SECOND]);
});

test('a clock that was set back does not hold a destination for longer than a minute', () => {
  const breakers = new Breakers(never);
  fail(breakers, 3, 100 * MINUTE);
  expect(breakers.attempts('a', 0, 2)).toBe(1);
});
