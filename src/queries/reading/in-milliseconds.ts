const MICROS_PER_MS = 1_000;

/**
 * Microseconds as milliseconds, to a hundredth of a microsecond: below a millisecond, whole microseconds would be off by
 * more than a sketch is.
 */
export function inMilliseconds(micros: number): number {
  return Math.round(micros * 100) / (100 * MICROS_PER_MS);
}
