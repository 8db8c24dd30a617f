const THROTTLED = new Set([429]);
const TIMED_OUT = new Set([408, 504]);

/**
 * How a failed call ended, from the HTTP status and the name of its error, as far as they are known: `throttled`,
 * `timeout` or `error`.
 */
export function failureOf(http: number | undefined, kind: string | undefined): string {
  if (http !== undefined && THROTTLED.has(http)) return 'throttled';
  if (http !== undefined && TIMED_OUT.has(http)) return 'timeout';
  if (kind === undefined) return 'error';
  if (/rate.?limit|throttl|too.?many.?requests|\b429\b/i.test(kind)) return 'throttled';
  return /time.?d?.?out|deadline/i.test(kind) ? 'timeout' : 'error';
}
