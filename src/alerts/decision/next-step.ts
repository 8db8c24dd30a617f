import { SECOND } from '../../time.ts';
import type { EscalationStep, Rule } from '../rules/rule.ts';
import type { AlertState } from './alert-state.ts';

/**
 * When the next step of the escalation is due; milliseconds. Null: none will be, as the state is now. Nobody waits for
 * people while an alert recovers, because it may soon be over.
 */
export function nextStepAt(rule: Pick<Rule, 'escalation'>, state: AlertState): number | null {
  const { unacknowledgedSince, workflow, condition } = state;
  const step = stepOf(rule, state);
  if (!step || unacknowledgedSince === null || workflow !== 'open' || condition !== 'firing') return null;
  return unacknowledgedSince + step.afterSeconds * SECOND;
}

/** The first step that was not told yet. */
function stepOf({ escalation }: Pick<Rule, 'escalation'>, state: AlertState): EscalationStep | undefined {
  return escalation[state.stepsTold];
}

/** What to do about an escalation that was due. */
export type DueStep =
  | { says: 'tell'; step: EscalationStep; state: AlertState }
  /** At this moment the escalation is looked at again; null: only after the state has changed. */
  | { says: 'wait'; until: number | null };

/** A silence may be removed before its end. */
const LOOK_AGAIN_AFTER = 10 * SECOND;

/**
 * Decides about the escalation of an open alert.
 * @param time milliseconds, both; `silencedUntil` null: the alert is not silenced
 */
export function decideStep(
  rule: Pick<Rule, 'escalation'>,
  state: AlertState,
  { now, silencedUntil }: { now: number; silencedUntil: number | null },
): DueStep {
  const due = nextStepAt(rule, state);
  const step = stepOf(rule, state);
  if (due === null || !step || due > now) return { says: 'wait', until: due };
  if (silencedUntil !== null && now < silencedUntil)
    return { says: 'wait', until: Math.min(silencedUntil, now + LOOK_AGAIN_AFTER) };
  return { says: 'tell', step, state: { ...state, stepsTold: state.stepsTold + 1 } };
}
