import type { Severity } from '../../notifications/notice/notice.ts';
import { HOUR, SECOND } from '../../time.ts';
import type { Rule } from '../rules/rule.ts';
import type { NewNormal, UnusualTime } from './new-normal.ts';
import type { Measurement } from './observation.ts';

export type Condition = 'normal' | 'pending' | 'firing' | 'recovering';
export type Health = 'ok' | 'no_data' | 'error';
/** What people did about the open alert; `none` if no alert is open. */
export type Workflow = 'none' | 'open' | 'acknowledged' | 'resolved';

/** A measurement of a group with its moment (milliseconds) and what it was compared with. */
export interface DatedMeasurement extends Measurement {
  /** The earlier or usual value, in the unit of the metric; null: the rule compares with none. */
  reference: number | null;
  at: number;
}

/**
 * The state of one group of a rule, stored between evaluations. It keeps four things apart: whether the value is wrong
 * (condition), whether it can be measured (health), what people did (workflow), and what people were told. Times are
 * milliseconds.
 */
export interface AlertState {
  condition: Condition;
  health: Health;
  /** The start of the current health. */
  healthSince: number;
  workflow: Workflow;
  /** When the value was first wrong: set from pending on until the condition is normal. */
  wrongSince: number | null;
  /** When the value was first right again; set while recovering. */
  rightSince: number | null;
  /** The last wrong measurement, kept until the condition is normal. */
  lastWrong: DatedMeasurement | null;
  /** The severity of the open alert that people know. */
  severity: Severity | null;
  /** Whether people were told that the open alert fires. */
  told: boolean;
  /** Whether a notice of firing or escalating was suppressed and is still to be sent. */
  owed: boolean;
  /** The last notice that this group fires: the time until it is repeated starts there. */
  toldAt: number | null;
  /** Since when people know of the open alert and nobody has acknowledged it: the times of the escalation start there. */
  unacknowledgedSince: number | null;
  /** How many steps of the escalation were told for the open alert. */
  stepsTold: number;
  /** When the last alert ended, by its value or by a person: the cooldown starts there. Null: before any alert, or settled. */
  endedAt: number | null;
  /** How often the group fired with less than a cooldown of rest between. Null: it has not fired since it settled. */
  fires: Fires | null;
  /** For `anomaly`: the unusual time of the last days, while an alert fires. */
  unusual: UnusualTime | null;
  /** The level that is usual since a permanent change; null: the value has had none. */
  normal: NewNormal | null;
}

/** A series of firings. `times` is their number, `since` the moment of the first. */
export interface Fires {
  since: number;
  times: number;
}

export function initialState(now: number): AlertState {
  return {
    condition: 'normal',
    health: 'ok',
    healthSince: now,
    workflow: 'none',
    wrongSince: null,
    rightSince: null,
    lastWrong: null,
    severity: null,
    told: false,
    owed: false,
    toldAt: null,
    unacknowledgedSince: null,
    stepsTold: 0,
    endedAt: null,
    fires: null,
    unusual: null,
    normal: null,
  };
}

/** What is left of an alert in the state once it is over. */
export const withoutAlert = {
  workflow: 'none',
  severity: null,
  told: false,
  owed: false,
  unacknowledgedSince: null,
  stepsTold: 0,
} as const;

/** A stored state. One that an earlier version has written lacks the newest fields. */
export function storedState(stored: Partial<AlertState> & Pick<AlertState, 'healthSince'>): AlertState {
  const isUnacknowledged = stored.workflow === 'open' && stored.told === true;
  return {
    ...initialState(stored.healthSince),
    endedAt: stored.toldAt ?? null,
    unacknowledgedSince: isUnacknowledged ? (stored.toldAt ?? null) : null,
    ...stored,
  };
}

/**
 * The state without moments of the future. A clock that was ahead has left them, and every wait that starts there would
 * last for longer by as much.
 */
export function withoutFuture(state: AlertState, now: number): AlertState {
  const past = <T extends number | null>(at: T): T => (at !== null && at > now ? (now as T) : at);
  return {
    ...state,
    healthSince: past(state.healthSince),
    wrongSince: past(state.wrongSince),
    rightSince: past(state.rightSince),
    toldAt: past(state.toldAt),
    unacknowledgedSince: past(state.unacknowledgedSince),
    endedAt: past(state.endedAt),
    lastWrong: state.lastWrong && { ...state.lastWrong, at: past(state.lastWrong.at) },
    fires: state.fires && { ...state.fires, since: past(state.fires.since) },
  };
}

/** Whether an alert is open: it fired, and neither its value nor a person has resolved it. */
export function isOpen({ workflow }: AlertState): boolean {
  return workflow === 'open' || workflow === 'acknowledged';
}

/** Whether the last alert ended less than a cooldown ago. */
export function isCooling({ endedAt }: AlertState, { cooldownSeconds }: Rule, now: number): boolean {
  return endedAt !== null && now < endedAt + cooldownSeconds * SECOND;
}

/** So many firings in a row are flapping. */
const FLAPPING_FROM = 3;
/** A rule with a longer cooldown settles after this time all the same. */
const LONGEST_SETTLING = HOUR;

/** How long the value must be right before a flapping alert has settled; milliseconds. 0: alerts of the rule never flap. */
export function settlingOf({ cooldownSeconds }: Rule): number {
  return Math.min(LONGEST_SETTLING, cooldownSeconds * SECOND);
}

/** The firings after one more: of the same series, unless the last alert ended too long ago. */
export function firesAfter({ endedAt, fires }: AlertState, rule: Rule, now: number): Fires {
  const returns = fires !== null && endedAt !== null && now < endedAt + settlingOf(rule);
  return returns ? { ...fires, times: fires.times + 1 } : { since: now, times: 1 };
}

/** The firings of an alert that flaps; null: it does not flap. */
export function flappingOf({ fires }: AlertState): Fires | null {
  return fires !== null && fires.times >= FLAPPING_FROM ? fires : null;
}
