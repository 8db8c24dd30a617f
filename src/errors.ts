/**
 * Every error that a caller can receive, with its HTTP status and its title. Features throw `new CodedError(code, …)`;
 * only `http/` reads the status.
 */
export const errorTable = {
  invalid_request: { status: 400, title: 'The request is not valid' },
  invalid_json: { status: 400, title: 'The body is not valid JSON' },
  invalid_events: { status: 400, title: 'Some events are not valid' },
  unauthenticated: { status: 401, title: 'The request needs a valid token or API key' },
  forbidden: { status: 403, title: 'The caller is not allowed to do this' },
  not_found: { status: 404, title: 'The resource does not exist' },
  method_not_allowed: { status: 405, title: 'This path does not support the method' },
  conflict: { status: 409, title: 'The request conflicts with existing data' },
  request_timeout: { status: 408, title: 'The request did not arrive in time' },
  precondition_failed: { status: 412, title: 'The resource has changed since it was read' },
  too_large: { status: 413, title: 'The request is too large' },
  range_not_satisfiable: { status: 416, title: 'The file has no such part' },
  unsupported_media_type: { status: 415, title: 'The content type is not supported' },
  too_many_points: { status: 422, title: 'The answer would have too many points' },
  range_not_kept: { status: 422, title: 'The numbers are no longer kept at this granularity' },
  rate_limited: { status: 429, title: 'Too many requests' },
  quota_exceeded: { status: 429, title: 'The org has reached a quota' },
  overloaded: { status: 429, title: 'The service is receiving as much as it can handle' },
  internal: { status: 500, title: 'The service failed' },
  delivery_failed: { status: 502, title: 'The provider did not accept the message' },
  unavailable: { status: 503, title: 'The service cannot answer this right now' },
  timed_out: { status: 504, title: 'The answer took too long' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof errorTable;

/** One fault in a request. */
export interface Fault {
  /** A JSON path, or the name of a parameter or header. */
  path: string;
  /** What is wrong and what is allowed. It continues a sentence that begins with the path. */
  message: string;
}

interface CodedErrorOptions {
  faults?: readonly Fault[];
  /** Seconds after which the caller may try again. */
  retryAfterSeconds?: number;
  cause?: unknown;
}

/** An error with a code from the table, and a sentence for the caller. */
export class CodedError extends Error {
  readonly code: ErrorCode;
  readonly faults: readonly Fault[];
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, detail: string, options: CodedErrorOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CodedError';
    this.code = code;
    this.faults = options.faults ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** The sentence names so many faults; the list beside it has all. */
const FAULTS_IN_SENTENCE = 3;

/** The error for faults in a request. Its sentence has the place (`In the body`) and the first faults. */
export function refuse(
  where: string,
  faults: readonly Fault[],
  code: 'invalid_request' | 'forbidden' = 'invalid_request',
): CodedError {
  const first = faults.slice(0, FAULTS_IN_SENTENCE).map(({ path, message }) => `${path} ${message}`);
  const sentence = `${where}: ${first.join('; ')}`;
  // A message can end with a mark of its own, such as "did you mean …?".
  return new CodedError(code, /[.?!]$/.test(sentence) ? sentence : `${sentence}.`, { faults });
}

/** The error for one field of a body, by its JSON path. */
export function refuseField(
  path: string,
  message: string,
  code: 'invalid_request' | 'forbidden' = 'invalid_request',
): CodedError {
  return refuse('In the body', [{ path, message }], code);
}
