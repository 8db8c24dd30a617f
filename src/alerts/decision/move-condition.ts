import { HOUR, SECOND } from '../../time.ts';
import type { Rule } from '../rules/rule.ts';
import {
  type AlertState,
  firesAfter,
  flappingOf,
  isCooling,
  isOpen,
  settlingOf,
  withoutAlert,
} from './alert-state.ts';
import type { Reason } from './decision-reasons.ts';
import { isUnusual, type NewNormal, newNormalOf } from './new-normal.ts';
import type { Verdict } from './verdict.ts';

/** The condition as the verdict leaves it, before anybody is told. */
export interface MovedCondition {
  state: AlertState;
  reason: Reason;
  /** Whether an alert opens or ends. */
  change: 'opens' | 'ends' | null;
}

export function moveCondition(rule: Rule, verdict: Verdict, state: AlertState, now: number): MovedCondition {
  const stay: MovedCondition = { state, reason: verdict.reason, change: null };
  const learned = learnedBy(verdict, state, now);
  if (learned) return endOf({ ...state, normal: learned, unusual: null, fires: null }, 'new_normal', now);
  if (verdict.says === 'nothing')
    return isGone(rule, verdict, state, now) ? endOf(state, 'group_gone', now) : stay;
  if (state.condition === 'normal' || state.condition === 'pending') {
    if (verdict.says !== 'wrong') {
      return { ...stay, state: { ...state, condition: 'normal', wrongSince: null, lastWrong: null } };
    }
    const wrongSince = verdict.wrongSince ?? state.wrongSince ?? now;
    const isLate = verdict.window !== undefined;
    if (!isLate && now - wrongSince < rule.forSeconds * 1_000) {
      return {
        state: { ...state, condition: 'pending', wrongSince },
        reason: 'wrong_not_for_long',
        change: null,
      };
    }
    const opened = open(rule, { ...state, wrongSince }, now);
    return { state: opened, reason: firedBy(opened, isLate), change: 'opens' };
  }
  if (verdict.says !== 'right') return stayWrong(rule, verdict, state, now);
  const rightSince = state.rightSince ?? now;
  if (now - rightSince < recoveryOf(rule, verdict, state)) {
    return {
      state: { ...state, condition: 'recovering', rightSince },
      reason: 'right_not_for_long',
      change: null,
    };
  }
  return endOf(state, flappingOf(state) ? 'settled' : 'recovered', now);
}

function firedBy(opened: AlertState, isLate: boolean): Reason {
  if (flappingOf(opened)) return 'flapping';
  return isLate ? 'fired_late' : 'fired';
}

/** The new normal that the value of an alert has become, if it has. */
function learnedBy(verdict: Verdict, state: AlertState, now: number): NewNormal | undefined {
  const { condition, unusual, normal, lastWrong } = state;
  if (unusual === null || (condition !== 'firing' && condition !== 'recovering')) return undefined;
  return isUnusual(verdict, lastWrong?.at ?? null) ? newNormalOf(unusual, normal, now) : undefined;
}

/** How long the value must be right before an alert ends; milliseconds. */
function recoveryOf(rule: Rule, verdict: Verdict, state: AlertState): number {
  // One missed reading is no recovery: the data must be missing at the next evaluation too.
  const missing = verdict.reason === 'no_data_is_ok' ? rule.intervalSeconds * SECOND : 0;
  const settling = flappingOf(state) ? settlingOf(rule) : 0;
  return Math.max(rule.recoverySeconds * SECOND, missing, settling);
}

/** The condition is normal again. If a person has resolved the alert, it is over already: there is no second end. */
function endOf(state: AlertState, reason: Reason, now: number): MovedCondition {
  const over: AlertState = {
    ...state,
    condition: 'normal',
    wrongSince: null,
    rightSince: null,
    lastWrong: null,
  };
  if (!isOpen(state)) return { state: { ...over, ...withoutAlert }, reason, change: null };
  const series =
    reason === 'new_normal' || flappingOf(state) ? { endedAt: null, fires: null } : { endedAt: now };
  return { state: { ...over, ...series }, reason, change: 'ends' };
}

const LEAST_WINDOWS_GONE = 10;

/** Whether a group has had no data for so long that it no longer exists. A rule without groups is never without one. */
function isGone(rule: Rule, verdict: Verdict, state: AlertState, now: number): boolean {
  if (verdict.health !== 'no_data' || !isOpen(state)) return false;
  if (rule.groupBy.length === 0 && rule.expression === null) return false;
  const absent = Math.max(HOUR, LEAST_WINDOWS_GONE * rule.windowSeconds * SECOND);
  const after = rule.groupGoneSeconds === null ? absent : rule.groupGoneSeconds * SECOND;
  return after > 0 && now - state.healthSince >= after;
}

function open(rule: Rule, state: AlertState, now: number): AlertState {
  return {
    ...state,
    fires: firesAfter(state, rule, now),
    condition: 'firing',
    rightSince: null,
    workflow: 'open',
    severity: rule.severity,
    told: false,
    owed: false,
    unacknowledgedSince: null,
    stepsTold: 0,
  };
}

/** Moves a firing or recovering condition whose value is wrong, or not yet right enough. */
function stayWrong(rule: Rule, verdict: Verdict, state: AlertState, now: number): MovedCondition {
  const wrong: AlertState = { ...state, condition: 'firing', rightSince: null };
  if (state.workflow === 'resolved' && verdict.says === 'wrong' && !isCooling(state, rule, now)) {
    return { state: open(rule, { ...wrong, wrongSince: now }, now), reason: 'reopened', change: 'opens' };
  }
  if (state.condition === 'recovering') {
    const flapping = verdict.says === 'wrong' ? flappingOf(state) : null;
    const fires = flapping ? { ...flapping, times: flapping.times + 1 } : state.fires;
    return { state: { ...wrong, fires }, reason: 'relapsed', change: null };
  }
  return { state: wrong, reason: verdict.says === 'wrong' ? 'still_wrong' : verdict.reason, change: null };
}
