import { type VerdictReason, verdictReasons } from '../../notifications/notice/reasons.ts';
import { isWorse, type Rule } from '../rules/rule.ts';
import { type AlertState, isCooling, isOpen, type Sighting } from './alert-state.ts';
import type { Observation } from './observation.ts';
import { judge, type Verdict } from './verdict.ts';

/** What happens to an alert. `told`: it fired while people could not be told, and now they are. */
export type TransitionName = 'firing' | 'told' | 'still_firing' | 'escalated' | 'resolved';
export type Notice = 'firing' | 'still_firing' | 'escalated' | 'resolved';
export type Suppression = 'cooldown' | 'silence' | 'catch_up' | 'untold';

export interface Transition {
  name: TransitionName;
  /** What people are told; null when they are not. */
  notice: Notice | null;
  /** What keeps them from being told. */
  suppressedBy: Suppression | null;
}

export interface Decision {
  state: AlertState;
  reason: Reason;
  transition: Transition | null;
  verdict: Verdict;
  /** What people are told of: what was measured; where that says nothing, what was when it was last wrong. */
  sighting: Sighting;
}

/** Reasons that come from what was before, and what they mean; those of a verdict are `verdictReasons`. */
export const decisionReasons = {
  fired: 'The value has been wrong for as long as the rule wants.',
  wrong_not_for_long: 'The value is wrong, but not for as long as the rule wants.',
  still_wrong: 'The value is still wrong.',
  recovered: 'The value has been right for as long as the rule wants.',
  right_not_for_long: 'The value is right again, but not for as long as the rule wants.',
  relapsed: 'The value was right again, but not for long.',
  repeated: 'The alert still fires at the end of its cooldown, and nobody has acknowledged it.',
  told_late:
    'The alert fired while people could not be told (a cooldown, a silence, nothing was evaluated), and still does.',
  severity_rose: 'The rule has become more severe while the alert fires.',
  reopened: 'A person resolved it, and it is still wrong after the cooldown.',
} as const;
export type Reason = VerdictReason | keyof typeof decisionReasons;

/** Every named reason of a decision, and what it means. */
export const reasons: Readonly<Record<Reason, string>> = { ...verdictReasons, ...decisionReasons };

export interface DecideOptions {
  /** No notice before this moment (milliseconds); null: none. */
  silencedUntil?: number | null;
  /** The moment lies in the past: the evaluation was missed, and only how things stand at the end is told. */
  catchingUp?: boolean;
}

/**
 * Decides what becomes of one group of a rule. A pure function: the same arguments, the same decision.
 *
 * What cannot be told (no data, a failed query, too few samples) changes neither the condition nor how long it has
 * been wrong. While people may not be told, they are owed it: what still fires at the end is told then.
 * @param now milliseconds; not before the `now` of the decision that made `state`
 */
export function decide(
  rule: Rule,
  observation: Observation,
  state: AlertState,
  now: number,
  options: DecideOptions = {},
): Decision {
  const verdict = judge(rule, observation);
  const measured: Sighting = { ...verdict.measured, reference: verdict.reference, at: now };
  const seen: AlertState = {
    ...state,
    health: verdict.health,
    healthSince: state.health === verdict.health ? state.healthSince : now,
    lastWrong: verdict.says === 'wrong' ? measured : state.lastWrong,
  };
  const sighting = (verdict.says === 'nothing' ? seen.lastWrong : null) ?? measured;
  return { verdict, sighting, ...notify(rule, moveCondition(rule, verdict, seen, now), now, options) };
}

interface Moved {
  state: AlertState;
  reason: Reason;
  /** The alert opens, or is over. */
  change: 'opens' | 'ends' | null;
}

function moveCondition(rule: Rule, verdict: Verdict, state: AlertState, now: number): Moved {
  const stay: Moved = { state, reason: verdict.reason, change: null };
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
  // A person has resolved it before: that is what people were told, and what the history says.
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

/** Wrong, or not right enough, while the alert fires or recovers. */
function stayWrong(rule: Rule, verdict: Verdict, state: AlertState, now: number): Moved {
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
  now: number,
  { silencedUntil, catchingUp }: DecideOptions,
): Exclude<Suppression, 'untold'> | null {
  if (catchingUp) return 'catch_up';
  if (isSilenced(now, silencedUntil)) return 'silence';
  return isCooling(state, rule, now) ? 'cooldown' : null;
}

/**
 * What keeps people from being told that an alert is over, however it ends. Late is better than never here: neither a
 * cooldown nor a catching-up does.
 * @param silencedUntil milliseconds; null: never
 */
export function endSuppressedBy(
  { told }: AlertState,
  now: number,
  silencedUntil: number | null,
): 'untold' | 'silence' | null {
  if (!told) return 'untold';
  return isSilenced(now, silencedUntil) ? 'silence' : null;
}

/** Who is told what, given how the condition moved. */
function notify(
  rule: Rule,
  { state, reason, change }: Moved,
  now: number,
  options: DecideOptions,
): Pick<Decision, 'state' | 'reason' | 'transition'> {
  if (change === 'ends') {
    const suppressedBy = endSuppressedBy(state, now, options.silencedUntil ?? null);
    const notice = suppressedBy ? null : 'resolved';
    const transition = { name: 'resolved', notice, suppressedBy } as const;
    return { state: { ...state, ...noAlert }, reason, transition };
  }
  const suppressedBy = suppressionOf(rule, state, now, options);
  if (change === 'opens') {
    if (suppressedBy) return owe(state, reason, 'firing', suppressedBy);
    return tell(state, reason, 'firing', 'firing', now);
  }
  // What recovers may be over: what is to be told of it waits until it is wrong again.
  if (!isOpen(state) || state.condition !== 'firing') return { state, reason, transition: null };
  if (state.severity !== null && isWorse(rule.severity, state.severity)) {
    return escalate(rule, state, suppressedBy, now);
  }
  const atSeverity = state.severity === rule.severity ? state : { ...state, severity: rule.severity };
  if (suppressedBy || state.workflow === 'acknowledged')
    return { state: atSeverity, reason, transition: null };
  if (state.owed) return tell(atSeverity, 'told_late', 'told', state.told ? 'escalated' : 'firing', now);
  if (rule.cooldownSeconds === 0) return { state: atSeverity, reason, transition: null };
  return tell(atSeverity, 'repeated', 'still_firing', 'still_firing', now);
}

function tell(
  state: AlertState,
  reason: Reason,
  name: TransitionName,
  notice: Notice,
  now: number,
): Pick<Decision, 'state' | 'reason' | 'transition'> {
  return {
    state: { ...state, told: true, owed: false, toldAt: now },
    reason,
    transition: { name, notice, suppressedBy: null },
  };
}

function owe(
  state: AlertState,
  reason: Reason,
  name: TransitionName,
  suppressedBy: Suppression,
): Pick<Decision, 'state' | 'reason' | 'transition'> {
  return {
    state: { ...state, owed: true },
    reason,
    transition: { name, notice: null, suppressedBy },
  };
}

/** Worse than when it was told or acknowledged: told again, cooldown or not, and open again. */
function escalate(
  rule: Rule,
  state: AlertState,
  suppressedBy: Exclude<Suppression, 'untold'> | null,
  now: number,
): Pick<Decision, 'state' | 'reason' | 'transition'> {
  const worse: AlertState = { ...state, severity: rule.severity, workflow: 'open' };
  if (suppressedBy && suppressedBy !== 'cooldown')
    return owe(worse, 'severity_rose', 'escalated', suppressedBy);
  return tell(worse, 'severity_rose', 'escalated', worse.told ? 'escalated' : 'firing', now);
}
