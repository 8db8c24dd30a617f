import { type VerdictReason, verdictReasons } from '../../notifications/notice/reasons.ts';
import { isWorse, type Rule } from '../rules/rule.ts';
import { type AlertState, type DatedMeasurement, isCooling, isOpen } from './alert-state.ts';
import type { Observation } from './observation.ts';
import type { Suppression, Transition } from './transition.ts';
import { judge, type Verdict } from './verdict.ts';

export interface Decision {
  state: AlertState;
  reason: Reason;
  transition: Transition | null;
  verdict: Verdict;
  /** The measurement that notices report: the current one, or the last wrong one if the verdict says nothing. */
  reported: DatedMeasurement;
}

/** Reasons that depend on the state before, with their meaning; the reasons of a verdict are `verdictReasons`. */
export const decisionReasons = {
  fired: 'The value has been wrong for as long as the rule requires.',
  wrong_not_for_long: 'The value is wrong, but not yet for as long as the rule requires.',
  still_wrong: 'The value is still wrong.',
  recovered: 'The value has been right for as long as the rule requires.',
  right_not_for_long: 'The value is right again, but not yet for as long as the rule requires.',
  relapsed: 'The value was right again for a short time, and is wrong once more.',
  repeated: 'The alert still fires at the end of its cooldown, and nobody has acknowledged it.',
  told_late:
    'The alert fired while notices were suppressed (a cooldown, a silence, or missed evaluations), and still fires.',
  severity_rose: 'The rule became more severe while the alert fires.',
  reopened: 'A person resolved the alert, and the value is still wrong after the cooldown.',
} as const;
export type Reason = VerdictReason | keyof typeof decisionReasons;

/** Every named reason of a decision, with its meaning. */
export const reasons: Readonly<Record<Reason, string>> = { ...verdictReasons, ...decisionReasons };

/** When a decision is made, and what suppresses its notices. */
export interface DecisionTime {
  /** Milliseconds; not before the `now` of the decision that made the state. */
  now: number;
  /** No notice is sent before this moment (milliseconds); null: the rule is not silenced. */
  silencedUntil?: number | null;
  /** The moment is a missed one of the past. It sends no notice: the decision about the present does. */
  catchingUp?: boolean;
}

/**
 * Decides what becomes of one group of a rule. A pure function: the same arguments give the same decision.
 *
 * A verdict that says nothing (no data, a failed query, too few samples) changes neither the condition nor the time
 * that it has lasted. A notice that is suppressed stays owed: if the alert still fires at the end, it is sent then.
 */
export function decide(
  rule: Rule,
  observation: Observation,
  before: AlertState,
  time: DecisionTime,
): Decision {
  const verdict = judge(rule, observation);
  const measured: DatedMeasurement = { ...verdict.measured, reference: verdict.reference, at: time.now };
  const state: AlertState = {
    ...before,
    health: verdict.health,
    healthSince: before.health === verdict.health ? before.healthSince : time.now,
    lastWrong: verdict.says === 'wrong' ? measured : before.lastWrong,
  };
  const reported = (verdict.says === 'nothing' ? state.lastWrong : null) ?? measured;
  return { verdict, reported, ...notify(rule, moveCondition(rule, verdict, state, time.now), time) };
}

/** The condition as the verdict leaves it, before anybody is told. */
interface MovedCondition {
  state: AlertState;
  reason: Reason;
  /** Whether an alert opens or ends. */
  change: 'opens' | 'ends' | null;
}

function moveCondition(rule: Rule, verdict: Verdict, state: AlertState, now: number): MovedCondition {
  const stay: MovedCondition = { state, reason: verdict.reason, change: null };
  if (verdict.says === 'nothing') return stay;
  if (state.condition === 'normal' || state.condition === 'pending') {
    if (verdict.says !== 'wrong') {
      return { ...stay, state: { ...state, condition: 'normal', wrongSince: null, lastWrong: null } };
    }
    const wrongSince = state.wrongSince ?? now;
    if (now - wrongSince < rule.forSeconds * 1_000) {
      return {
        state: { ...state, condition: 'pending', wrongSince },
        reason: 'wrong_not_for_long',
        change: null,
      };
    }
    return { state: open(rule, { ...state, wrongSince }), reason: 'fired', change: 'opens' };
  }
  if (verdict.says !== 'right') return stayWrong(rule, verdict, state, now);
  const rightSince = state.rightSince ?? now;
  if (now - rightSince < rule.recoverySeconds * 1_000) {
    return {
      state: { ...state, condition: 'recovering', rightSince },
      reason: 'right_not_for_long',
      change: null,
    };
  }
  const over: AlertState = {
    ...state,
    condition: 'normal',
    wrongSince: null,
    rightSince: null,
    lastWrong: null,
  };
  // The person who resolved it ended the alert, for the recipients and for the history. There is no second end.
  if (state.workflow === 'resolved')
    return { state: { ...over, ...noAlert }, reason: 'recovered', change: null };
  return { state: over, reason: 'recovered', change: 'ends' };
}

const noAlert = { workflow: 'none', severity: null, told: false, owed: false } as const;

function open(rule: Rule, state: AlertState): AlertState {
  return {
    ...state,
    condition: 'firing',
    rightSince: null,
    workflow: 'open',
    severity: rule.severity,
    told: false,
    owed: false,
  };
}

/** Moves a firing or recovering condition whose value is wrong, or not yet right enough. */
function stayWrong(rule: Rule, verdict: Verdict, state: AlertState, now: number): MovedCondition {
  const wrong: AlertState = { ...state, condition: 'firing', rightSince: null };
  if (state.workflow === 'resolved' && verdict.says === 'wrong' && !isCooling(state, rule, now)) {
    return { state: open(rule, { ...wrong, wrongSince: now }), reason: 'reopened', change: 'opens' };
  }
  if (state.condition === 'recovering') return { state: wrong, reason: 'relapsed', change: null };
  return { state: wrong, reason: verdict.says === 'wrong' ? 'still_wrong' : verdict.reason, change: null };
}

function isSilenced(now: number, silencedUntil: number | null | undefined): boolean {
  return silencedUntil != null && now < silencedUntil;
}

function suppressionOf(
  rule: Rule,
  state: AlertState,
  { now, silencedUntil, catchingUp }: DecisionTime,
): Exclude<Suppression, 'untold'> | null {
  if (catchingUp) return 'catch_up';
  if (isSilenced(now, silencedUntil)) return 'silence';
  return isCooling(state, rule, now) ? 'cooldown' : null;
}

/**
 * What suppresses the notice that an alert is over, whatever ended it. Neither a cooldown nor a missed evaluation does:
 * this notice is better late than never.
 * @param silencedUntil milliseconds; null: the rule is not silenced
 */
export function endSuppressedBy(
  { told }: AlertState,
  now: number,
  silencedUntil: number | null,
): 'untold' | 'silence' | null {
  if (!told) return 'untold';
  return isSilenced(now, silencedUntil) ? 'silence' : null;
}

type Notified = Pick<Decision, 'state' | 'reason' | 'transition'>;

/** Decides which notice people get, given how the condition moved. */
function notify(rule: Rule, { state, reason, change }: MovedCondition, time: DecisionTime): Notified {
  const { now } = time;
  if (change === 'ends') {
    const suppressedBy = endSuppressedBy(state, now, time.silencedUntil ?? null);
    const notice = suppressedBy ? null : 'resolved';
    const transition = { name: 'resolved', notice, suppressedBy } as const;
    return { state: { ...state, ...noAlert }, reason, transition };
  }
  const suppressedBy = suppressionOf(rule, state, time);
  if (change === 'opens') {
    if (suppressedBy) return owe(state, reason, 'firing', suppressedBy);
    return tell(state, reason, { name: 'firing', notice: 'firing' }, now);
  }
  // A recovering alert may soon be over: an owed notice waits until the value is wrong again.
  if (!isOpen(state) || state.condition !== 'firing') return { state, reason, transition: null };
  if (state.severity !== null && isWorse(rule.severity, state.severity)) {
    return escalate(rule, state, suppressedBy, now);
  }
  const atSeverity = state.severity === rule.severity ? state : { ...state, severity: rule.severity };
  if (suppressedBy || state.workflow === 'acknowledged')
    return { state: atSeverity, reason, transition: null };
  if (state.owed) {
    return tell(atSeverity, 'told_late', { name: 'told', notice: state.told ? 'escalated' : 'firing' }, now);
  }
  if (rule.cooldownSeconds === 0) return { state: atSeverity, reason, transition: null };
  return tell(atSeverity, 'repeated', { name: 'still_firing', notice: 'still_firing' }, now);
}

function tell(
  state: AlertState,
  reason: Reason,
  told: Pick<Transition, 'name' | 'notice'>,
  now: number,
): Notified {
  return {
    state: { ...state, told: true, owed: false, toldAt: now },
    reason,
    transition: { ...told, suppressedBy: null },
  };
}

function owe(
  state: AlertState,
  reason: Reason,
  name: Transition['name'],
  suppressedBy: Suppression,
): Notified {
  return {
    state: { ...state, owed: true },
    reason,
    transition: { name, notice: null, suppressedBy },
  };
}

/**
 * Escalates an alert that is more severe than people know. It opens again if it was acknowledged, and a cooldown does
 * not suppress its notice.
 */
function escalate(
  rule: Rule,
  state: AlertState,
  suppressedBy: Exclude<Suppression, 'untold'> | null,
  now: number,
): Notified {
  const worse: AlertState = { ...state, severity: rule.severity, workflow: 'open' };
  if (suppressedBy && suppressedBy !== 'cooldown')
    return owe(worse, 'severity_rose', 'escalated', suppressedBy);
  const notice = worse.told ? 'escalated' : 'firing';
  return tell(worse, 'severity_rose', { name: 'escalated', notice }, now);
}
