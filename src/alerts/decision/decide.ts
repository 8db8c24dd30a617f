import type { Rule } from '../rules/rule.ts';
import {
  type AlertState,
  type DatedMeasurement,
  type Fires,
  flappingOf,
  withoutFuture,
} from './alert-state.ts';
import type { Reason } from './decision-reasons.ts';
import { judgeLate } from './late.ts';
import { moveCondition } from './move-condition.ts';
import { isWithinBaseline, unusualAfter } from './new-normal.ts';
import { type DecisionTime, notify } from './notify.ts';
import type { Observation } from './observation.ts';
import type { Transition } from './transition.ts';
import { judge, type Verdict } from './verdict.ts';

export interface Decision {
  state: AlertState;
  reason: Reason;
  transition: Transition | null;
  verdict: Verdict;
  /** The measurement that notices report: the current one, or the last wrong one if the verdict says nothing. */
  reported: DatedMeasurement;
  /** The firings of the alert, if it flaps or has settled by this decision. */
  flapping: Fires | null;
}

/**
 * Decides what becomes of one group of a rule. A pure function: the same arguments give the same decision.
 *
 * A verdict that says nothing (no data, a failed query, too few samples) changes neither the condition nor the time
 * that it has lasted. A notice that is suppressed stays owed: if the alert still fires at the end, it is sent then.
 * Nothing but a silence and a missed moment suppresses the notice of an alert that fires: a cooldown does not.
 */
export function decide(
  rule: Rule,
  observation: Observation,
  stored: AlertState,
  time: DecisionTime,
): Decision {
  // A missed moment is of the past on purpose.
  const before = time.catchingUp ? stored : withoutFuture(stored, time.now);
  const verdict = verdictOf(rule, observation, before);
  const { measured: of, reference, window } = verdict;
  const measured: DatedMeasurement = { ...of, reference, at: window?.end ?? time.now };
  const state: AlertState = {
    ...before,
    health: verdict.health,
    healthSince: before.health === verdict.health ? before.healthSince : time.now,
    lastWrong: verdict.says === 'wrong' ? measured : before.lastWrong,
    normal: before.normal && isWithinBaseline(before.normal, time.now) ? before.normal : null,
    unusual: unusualAfter(rule, verdict, { ...before, previous: before.lastWrong?.at ?? null }, time.now),
  };
  const reported = (verdict.says === 'nothing' ? state.lastWrong : null) ?? measured;
  const decided = notify(rule, moveCondition(rule, verdict, state, time.now), time);
  return { verdict, reported, ...decided, flapping: flappingOf(decided.state) ?? flappingOf(before) };
}

/** What is wrong now counts first. A value that was wrong, and is known only now, is told if no alert fires. */
function verdictOf(rule: Rule, observation: Observation, { condition }: AlertState): Verdict {
  const verdict = judge(rule, observation);
  const isQuiet = condition === 'normal' || condition === 'pending';
  if (verdict.says === 'wrong' || !isQuiet || !observation.late) return verdict;
  return judgeLate(rule, observation.late) ?? verdict;
}
