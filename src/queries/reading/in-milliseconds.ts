const MICROS_PER_MS = 1_000;

/**
 * Microseconds as milliseconds, to a hundredth of a microsecond. Below a millisecond, rounding to whole microseconds
 * would add a larger error than the sketch has.
 */
export function inMilliseconds(micros: number): number {
  return Math.round(micros * 100) / (100 * MICROS_PER_MS);
}
