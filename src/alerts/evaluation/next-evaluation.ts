import { MINUTE, SECOND } from '../../time.ts';

/**
 * A failed rule rests this many times as long as it took, so that the other rules get at least nine tenths of the time.
 */
const REST = 9;
const FIRST_RETRY = SECOND;
const LONGEST_REST = 10 * MINUTE;
/** After so many doublings any time is longer than the longest rest. */
const DOUBLINGS = 30;

interface Attempt {
  /** When the evaluation was due, and when it ended; milliseconds, as all of these. */
  due: number;
  ended: number;
  took: number;
  interval: number;
  /** How many evaluations in a row have failed, this one included. */
  failures: number;
}

/**
 * When a rule is due after an evaluation; milliseconds. It stays in step with the time at which it was due before, even
 * after missed evaluations. A failed rule is tried again soon, because the cause may have passed. The longer it took
 * and the more often it failed, the longer it waits.
 */
export function nextEvaluation({ due, ended, took, interval, failures }: Attempt): number {
  const inStep = due + (Math.floor((ended - due) / interval) + 1) * interval;
  if (failures === 0) return inStep;
  const doubled = 2 ** Math.min(failures - 1, DOUBLINGS);
  const soon = ended + Math.min(LONGEST_REST, FIRST_RETRY * doubled);
  const rested = ended + Math.min(LONGEST_REST, REST * took * doubled);
  return Math.max(rested, Math.min(soon, inStep));
}
