/**
 * Every error a caller can meet, in one table: its HTTP status and what it means. Features throw
 * `new CodedError(code, …)`; only `http/shell/problem.ts` reads the status.
 */
export const errorTable = {
  invalid_request: { status: 400, title: 'The request is not valid' },
  invalid_json: { status: 400, title: 'The body is not valid JSON' },
  invalid_events: { status: 400, title: 'Some events are not valid' },
  unauthenticated: { status: 401, title: 'A valid token or API key is needed' },
  forbidden: { status: 403, title: 'The caller may not do this' },
  not_found: { status: 404, title: 'There is nothing here' },
  method_not_allowed: { status: 405, title: 'This path does not take that method' },
  conflict: { status: 409, title: 'It contradicts what is there' },
  request_timeout: { status: 408, title: 'The request did not arrive in time' },
  precondition_failed: { status: 412, title: 'It has been changed since' },
  too_large: { status: 413, title: 'The request is too large' },
  unsupported_media_type: { status: 415, title: 'The content type is not supported' },
  too_many_points: { status: 422, title: 'The answer would have too many points' },
  range_not_kept: { status: 422, title: 'The numbers are no longer kept in that detail' },
  rate_limited: { status: 429, title: 'Too many requests' },
  overloaded: { status: 429, title: 'The service is taking in as much as it can' },
  internal: { status: 500, title: 'The service failed' },
  delivery_failed: { status: 502, title: 'The provider did not take the message' },
  unavailable: { status: 503, title: 'The service cannot do this right now' },
  timed_out: { status: 504, title: 'The answer took too long' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof errorTable;

/** One fault in what was sent: where (a JSON path or a parameter's name) and what would be right. */
export interface Fault {
  path: string;
  message: string;
}

interface CodedErrorOptions {
  faults?: readonly Fault[];
  /** Seconds after which trying again makes sense. */
  retryAfterSeconds?: number;
  cause?: unknown;
}

/** An error with a code from the table and a sentence that may be shown to the caller. */
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

/** Faults that the sentence of an error names; the rest are beside it. */
const NAMED = 3;

/** The error for faults in what was sent: where they are (`In the body`), and the first of them in one sentence. */
export function refuse(
  where: string,
  faults: readonly Fault[],
  code: 'invalid_request' | 'forbidden' = 'invalid_request',
): CodedError {
  const named = faults.slice(0, NAMED).map(({ path, message }) => `${path} ${message}`);
  const said = `${where}: ${named.join('; ')}`;
  // What asks back ("did you mean …?") has its mark already.
  return new CodedError(code, /[.?!]$/.test(said) ? said : `${said}.`, { faults });
}

/** The error for a field of a body: its JSON path, and what is wrong with it or would be right. */
export function refuseField(
  path: string,
  message: string,
  code: 'invalid_request' | 'forbidden' = 'invalid_request',
): CodedError {
  return refuse('In the body', [{ path, message }], code);
}
