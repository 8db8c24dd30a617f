/** The longest pause between two attempts, unless the service asks for a longer one; milliseconds. */
const LONGEST_PAUSE = 30_000;
const FIRST_PAUSE = 200;

/**
 * How long to wait after a failed attempt, in milliseconds: full jitter over a bound that doubles, as in "Exponential
 * Backoff and Jitter" of the AWS Architecture Blog.
 * @param failures in a row, from 1
 */
export function pauseAfter(failures: number): number {
  return Math.random() * Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(failures, 30));
}

/**
 * Reads `Retry-After`, which is a number of seconds or a date (RFC 9110, section 10.2.3).
 * @returns milliseconds from `now`; `undefined` without a header that says when
 */
export function readRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const seconds = /^\s*\d+\s*$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - now;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}
