import type { Severity } from '../../notifications/notice/notice.ts';
import { SECOND } from '../../time.ts';
import type { Rule } from '../rules/rule.ts';
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
 * (condition), whether it can be measured (health), what people did (workflow), and whether a notice may be sent. The
 * last follows from `toldAt` and the rule. Times are milliseconds.
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
  /** The last notice that this group fires, in this alert or the one before: the cooldown starts there. */
  toldAt: number | null;
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
  };
}

/** Whether an alert is open: it fired, and neither its value nor a person has resolved it. */
export function isOpen({ workflow }: AlertState): boolean {
  return workflow === 'open' || workflow === 'acknowledged';
}

/** Whether the last notice is still within the cooldown of the rule. */
export function isCooling({ toldAt }: AlertState, { cooldownSeconds }: Rule, now: number): boolean {
  return toldAt !== null && now < toldAt + cooldownSeconds * SECOND;
}
