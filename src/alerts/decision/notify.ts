import { SECOND } from '../../time.ts';
import { isWorse, type Rule } from '../rules/rule.ts';
import { type AlertState, isOpen, withoutAlert } from './alert-state.ts';
import type { Reason } from './decision-reasons.ts';
import type { MovedCondition } from './move-condition.ts';
import type { Suppression, Transition } from './transition.ts';

/** When a decision is made, and what suppresses its notices. */
export interface DecisionTime {
  /** Milliseconds; not before the `now` of the decision that made the state. */
  now: number;
  /** No notice is sent before this moment (milliseconds); null: the rule is not silenced. */
  silencedUntil?: number | null;
  /** The moment is a missed one of the past. It sends no notice: the decision about the present does. */
  catchingUp?: boolean;
}

function isSilenced(now: number, silencedUntil: number | null | undefined): boolean {
  return silencedUntil != null && now < silencedUntil;
}

function suppressionOf({
  now,
  silencedUntil,
  catchingUp,
}: DecisionTime): Exclude<Suppression, 'untold'> | null {
  if (catchingUp) return 'catch_up';
  return isSilenced(now, silencedUntil) ? 'silence' : null;
}

/**
 * What suppresses the notice that an alert is over, whatever ended it. A missed evaluation does not: this
 * notice is better late than never.
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

interface Notified {
  state: AlertState;
  reason: Reason;
  transition: Transition | null;
}

/** Decides which notice people get, given how the condition moved. */
export function notify(rule: Rule, { state, reason, change }: MovedCondition, time: DecisionTime): Notified {
  const { now } = time;
  if (change === 'ends') {
    const suppressedBy = endSuppressedBy(state, now, time.silencedUntil ?? null);
    const notice = suppressedBy ? null : 'resolved';
    const transition = { name: 'resolved', notice, suppressedBy } as const;
    return { state: { ...state, ...withoutAlert }, reason, transition };
  }
  const suppressedBy = suppressionOf(time);
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
  if (!isRepeatDue(state, rule, now)) return { state: atSeverity, reason, transition: null };
  return tell(atSeverity, 'repeated', { name: 'still_firing', notice: 'still_firing' }, now);
}

function isRepeatDue({ toldAt }: AlertState, { repeatSeconds }: Rule, now: number): boolean {
  return repeatSeconds > 0 && (toldAt === null || now >= toldAt + repeatSeconds * SECOND);
}

function tell(
  state: AlertState,
  reason: Reason,
  told: Pick<Transition, 'name' | 'notice'>,
  now: number,
): Notified {
  return {
    state: {
      ...state,
      told: true,
      owed: false,
      toldAt: now,
      unacknowledgedSince: state.unacknowledgedSince ?? now,
    },
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

/** Escalates an alert that is more severe than people know. It opens again if it was acknowledged. */
function escalate(
  rule: Rule,
  state: AlertState,
  suppressedBy: Exclude<Suppression, 'untold'> | null,
  now: number,
): Notified {
  const worse: AlertState = { ...state, severity: rule.severity, workflow: 'open' };
  if (suppressedBy) return owe(worse, 'severity_rose', 'escalated', suppressedBy);
  const notice = worse.told ? 'escalated' : 'firing';
  return tell(worse, 'severity_rose', { name: 'escalated', notice }, now);
}
