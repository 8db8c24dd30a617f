import { expect, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../time.ts';
import { readRule } from '../rules/read-rule.ts';
import { type AlertState, initialState } from './alert-state.ts';
import { decide, type Notice } from './decide.ts';

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
  const told: { notice: Notice; at: number }[] = [];
  for (let at = START; at < START + DAYS * DAY; at += MINUTE) {
    const value = valueAt(at);
    const complete = { value, samples: value === null ? 0 : 10 };
    const observation = { complete, current: [], previous: null, baseline: null, failure: null };
    const decision = decide(rule, observation, state, at);
    state = decision.state;
    if (decision.transition?.notice) told.push({ notice: decision.transition.notice, at });
  }
  return { told, state };
}

function countOf(told: { notice: Notice }[], notice: Notice) {
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

test('a value that flaps every minute sends no more notices than the cooldown allows', () => {
  const { told } = live({ cooldownSeconds: 3_600 }, (at) => (((at - START) / MINUTE) % 2 === 0 ? 0.9 : 0.1));
  expect(countOf(told, 'firing')).toBeLessThanOrEqual(DAYS * 24);
  expect(countOf(told, 'firing')).toBeGreaterThan(DAYS * 23);
  expect(countOf(told, 'resolved')).toBe(countOf(told, 'firing'));
});

test('trouble that lasts for months with gaps in its data is one alert, repeated after each cooldown', () => {
  const gaps = (at: number) => ((at / MINUTE) % 7 === 0 ? null : 0.9);
  const { told, state } = live({ cooldownSeconds: 86_400, forSeconds: 600 }, gaps);
  expect(countOf(told, 'firing')).toBe(1);
  expect(countOf(told, 'still_firing')).toBe(DAYS - 1);
  expect(state).toMatchObject({ condition: 'firing', workflow: 'open' });
});
