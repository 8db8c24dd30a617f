import { expect, test } from 'vitest';
import type { AlertNoticeKind } from '../../notifications/notice/notice.ts';
import { DAY, HOUR, MINUTE } from '../../time.ts';
import { readRule } from '../rules/read-rule.ts';
import { type AlertState, initialState } from './alert-state.ts';
import { decide } from './decide.ts';

const START = Date.UTC(2026, 9, 1);
const DAYS = 92;

/** Evaluates three months of minutes: every transition, and the times of the notices. */
function live(changes: object, valueAt: (at: number) => number | null) {
  const rule = readRule(
    { name: 'r', metric: 'usage.error_rate', type: 'threshold_above', threshold: 0.5, ...changes },
    { allOrgs: false },
  );
  if (Array.isArray(rule)) throw new Error(JSON.stringify(rule));
  let state: AlertState = initialState(START);
  const told: { notice: AlertNoticeKind; at: number }[] = [];
  for (let at = START; at < START + DAYS * DAY; at += MINUTE) {
    const value = valueAt(at);
    const complete = { value, samples: value === null ? 0 : 10 };
    const observation = { complete, current: [], previous: null, baseline: null, failure: null };
    const decision = decide(rule, observation, state, { now: at });
    state = decision.state;
    if (decision.transition?.notice) told.push({ notice: decision.transition.notice, at });
  }
  return { told, state };
}

function countOf(told: { notice: AlertNoticeKind }[], notice: AlertNoticeKind) {
  return told.filter((one) => one.notice === notice).length;
}

test('an hour of trouble each day sends one notice when it begins and one when it ends', () => {
  const trouble = (at: number) => ((at - START) % DAY < HOUR ? 0.9 : 0.1);
  const { told } = live({ forSeconds: 300, cooldownSeconds: 7_200 }, trouble);
  expect([countOf(told, 'firing'), countOf(told, 'resolved'), told.length]).toEqual([DAYS, DAYS, 2 * DAYS]);
  for (const { notice, at } of told) {
    const minute = ((at - START) % DAY) / MINUTE;
    expect(minute).toBe(notice === 'firing' ? 5 : 65);
  }
});

test('a value that flaps every minute for three months is told as flapping, repeated, and as settled', () => {
  const flapping = (at: number) =>
    at < START + (DAYS - 1) * DAY && ((at - START) / MINUTE) % 2 === 0 ? 0.9 : 0.1;
  const { told, state } = live({ cooldownSeconds: 3_600, repeatSeconds: 86_400 }, flapping);
  expect(told.slice(0, 5).map(({ notice }) => notice)).toEqual([
    'firing',
    'resolved',
    'firing',
    'resolved',
    'firing',
  ]);
  expect([countOf(told, 'firing'), countOf(told, 'resolved')]).toEqual([3, 3]);
  expect(countOf(told, 'still_firing')).toBeLessThanOrEqual(DAYS);
  expect(told.at(-1)?.notice).toBe('resolved');
  expect(state.condition).toBe('normal');
});

test.each([300, 3_600])(
  'a value that flaps more slowly than its cooldown of %d s is told each time',
  (cooldownSeconds) => {
    const period = 2 * cooldownSeconds * 1_000;
    const slow = (at: number) => ((at - START) % period < period / 3 ? 0.9 : 0.1);
    const { told } = live({ cooldownSeconds, repeatSeconds: 0 }, slow);
    const periods = (DAYS * DAY) / period;
    expect([countOf(told, 'firing'), countOf(told, 'resolved')]).toEqual([periods, periods]);
  },
);

test('trouble that lasts for months with gaps in its data is one alert, repeated after each repeatSeconds', () => {
  const gaps = (at: number) => ((at / MINUTE) % 7 === 0 ? null : 0.9);
  const { told, state } = live({ repeatSeconds: 86_400, forSeconds: 600 }, gaps);
  expect(countOf(told, 'firing')).toBe(1);
  expect(countOf(told, 'still_firing')).toBe(DAYS - 1);
  expect(state).toMatchObject({ condition: 'firing', workflow: 'open' });
});
