import { describe, expect, test } from 'vitest';
import { DAY, MINUTE } from '../../time.ts';
import { type AlertState, initialState } from '../decision/alert-state.ts';
import { readRule } from '../rules/read-rule.ts';
import type { Rule } from '../rules/rule.ts';
import { isForgotten } from './group-states.ts';

function ruleOf(changes: object = {}) {
  return readRule(
    { name: 'r', metric: 'usage.error_rate', type: 'threshold_above', threshold: 0.5, ...changes },
    { allOrgs: false },
  ) as Rule;
}

describe('the state of a group without data is dropped', () => {
  const forgottenAfter = (state: Partial<AlertState>, changes: object = {}): number | null => {
    const gone = { state: { ...initialState(0), ...state }, lastSeenAt: 0 };
    const days = Array.from({ length: 100 }, (_, day) => day);
    return days.find((day) => isForgotten(gone, ruleOf(changes), day * DAY + MINUTE)) ?? null;
  };

  test.each<[string, Partial<AlertState>, object, number | null]>([
    ['after a day', {}, {}, 1],
    ['after ten of its windows', {}, { windowSeconds: 21_600 }, 3],
    ['after its cooldown', { endedAt: 0 }, { cooldownSeconds: 604_800 }, 7],
    ['after the longest `forSeconds`', { condition: 'pending', wrongSince: 0 }, { forSeconds: 604_800 }, 31],
    ['after the longest cooldown', { condition: 'firing', workflow: 'resolved', endedAt: 0 }, {}, 31],
    ['never while its alert is open', { condition: 'firing', workflow: 'open', toldAt: 0 }, {}, null],
    ['never while it is acknowledged', { condition: 'recovering', workflow: 'acknowledged' }, {}, null],
  ])('%s', (_, state, changes, day) => {
    expect(forgottenAfter(state, changes)).toBe(day);
  });
});
