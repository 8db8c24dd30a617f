import { MINUTE, SECOND } from '../../time.ts';

/** A rule that fails rests for so many times as long as it took: others get nine tenths of the time at least. */
const REST = 9;
const FIRST_RETRY = SECOND;
const LONGEST_REST = 10 * MINUTE;
/** Doubled so often, anything is longer than the longest rest. */
const DOUBLINGS = 30;

interface Attempt {
  /** When the evaluation was due, and when it ended. */
  due: number;
  ended: number;
  took: number;
  interval: number;
  /** How many in a row have failed, this one included. */
  failures: number;
}

/**
 * When a rule is due after an evaluation: in step with when it was due before, whatever was missed. One that failed is
 * tried again soon, as the cause may have passed; but the longer it took and the oftener it failed, the later. All in
 * milliseconds.
 */
export function nextEvaluation({ due, ended, took, interval, failures }: Attempt): number {
  const inStep = due + (Math.floor((ended - due) / interval) + 1) * interval;
  if (failures === 0) return inStep;
  const doubled = 2 ** Math.min(failures - 1, DOUBLINGS);
  const soon = ended + Math.min(LONGEST_REST, FIRST_RETRY * doubled);
  const rested = ended + Math.min(LONGEST_REST, REST * took * doubled);
  return Math.max(rested, Math.min(soon, inStep));
}
