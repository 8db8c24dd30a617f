/** The status of a call that failed, and a code that tells kinds of failure apart. */
export interface Failure {
  status: 'error' | 'timeout' | 'throttled';
  errorCode: string;
}

const TIMED_OUT = new Set(['AbortError', 'TimeoutError', 'APIConnectionTimeoutError', 'APIUserAbortError']);

/**
 * Reads an error as provider SDKs throw them: 429 is throttled; 408, 504, a timeout and an abort are timeouts.
 * Never throws.
 */
export function statusOf(error: unknown): Failure {
  const {
    name,
    code,
    type,
    status,
    statusCode,
    constructor: made,
  } = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>;
  const http = Number(status ?? statusCode);
  const kind = String((made as { name?: unknown } | undefined)?.name ?? name);
  const errorCode = [code, type, Number.isInteger(http) ? http : undefined, name, kind].find(
    (text) => (typeof text === 'string' && text !== '') || typeof text === 'number',
  );
  const timedOut = TIMED_OUT.has(kind) || TIMED_OUT.has(String(name)) || http === 408 || http === 504;
  return {
    status: http === 429 ? 'throttled' : timedOut ? 'timeout' : 'error',
    errorCode: String(errorCode ?? 'unknown'),
  };
}
