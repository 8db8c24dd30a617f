import type { Severity } from '../../notifications/notice/notice.ts';
import { SECOND } from '../../time.ts';
import type { Rule } from '../rules/rule.ts';
import type { Measurement } from './observation.ts';

export type Condition = 'normal' | 'pending' | 'firing' | 'recovering';
export type Health = 'ok' | 'no_data' | 'error';
/** What people have done about the open alert; `none` where none is open. */
export type Workflow = 'none' | 'open' | 'acknowledged' | 'resolved';

/** What was measured of a group at a moment (milliseconds). */
export interface Sighting extends Measurement {
  /** What it was compared with, in the unit of the metric; null where the rule has no such. */
  reference: number | null;
  at: number;
}

/**
 * How one group of a rule stands. Four things that are told apart: whether the value is wrong (condition), whether
 * it can be told at all (health), what people did about it (workflow), and whether they may be told (suppression,
 * which follows from `toldAt` and the rule). Times are milliseconds.
 */
export interface AlertState {
  condition: Condition;
  health: Health;
  /** Since when the health is what it is. */
  healthSince: number;
  workflow: Workflow;
  /** When it was first wrong, while pending and from then on until it is normal. */
  wrongSince: number | null;
  /** When it was first right again, while recovering. */
  rightSince: number | null;
  /** What was measured when it was last wrong, until it is normal. */
  lastWrong: Sighting | null;
  /** How bad the open alert is known to be. */
  severity: Severity | null;
  /** Whether people were told that the open alert fires. */
  told: boolean;
  /** Whether they are still to be told that it fires, or has become worse: it did while they could not be. */
  owed: boolean;
  /** When people were last told that this group fires, in this alert or the one before: the cooldown starts there. */
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

/** Whether people were told so lately that the rule wants no further notice yet. */
export function isCooling({ toldAt }: AlertState, { cooldownSeconds }: Rule, now: number): boolean {
  return toldAt !== null && now < toldAt + cooldownSeconds * SECOND;
}
