/** A problem of RFC 9457, as every error of the API is one. */
export interface Problem {
  title?: string;
  detail?: string;
  code?: string;
  requestId?: string;
  errors?: { path: string; message: string }[];
}

/** A request that failed, with what a person needs to tell somebody else about it. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure';
  readonly method: string;
  readonly path: string;
  /** 0 if there was no answer at all. */
  readonly status: number;
  readonly problem: Problem;
  readonly requestId: string | undefined;
  /** How long to wait before the next attempt. */
  readonly retryAfterSeconds: number | undefined;

  constructor(request: { method: string; url: string }, response: Response | undefined, problem: Problem) {
    super(problem.detail ?? problem.title ?? 'The service did not answer.');
    this.method = request.method;
    this.path = new URL(request.url, location.href).pathname;
    this.status = response?.status ?? 0;
    this.problem = problem;
    this.requestId = problem.requestId ?? response?.headers.get('x-request-id') ?? undefined;
    this.retryAfterSeconds = Number(response?.headers.get('retry-after')) || undefined;
  }
}

/** Reads the problem of an answer; of one that is none, what can be said. */
export async function failureOf(
  request: { method: string; url: string },
  response: Response,
): Promise<ApiFailure> {
  const text = await response.text().catch(() => '');
  return new ApiFailure(
    request,
    response,
    parse(text) ?? { title: `${response.status} ${response.statusText}` },
  );
}

function parse(text: string): Problem | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
