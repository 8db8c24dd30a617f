import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { isTransient } from '../../database/connection-error.ts';
import { CodedError, type ErrorCode, errorTable, type Fault } from '../../errors.ts';

/** Body of every answer that is no success (RFC 9457). */
export const Problem = Type.Object(
  {
    type: Type.String({ description: 'A URI that names the kind of problem: urn:tidemark:problem:<code>.' }),
    title: Type.String({ description: 'The kind of problem in words; the same for every occurrence.' }),
    status: Type.Integer({ description: 'The HTTP status.' }),
    detail: Type.String({ description: 'What went wrong this time.' }),
    instance: Type.String({ description: 'The path that was asked for.' }),
    code: Type.Enum(Object.keys(errorTable) as ErrorCode[], {
      description: 'The kind of problem, for programs.',
    }),
    errors: Type.Array(
      Type.Object({
        path: Type.String({
          description: 'A JSON path into the body, or the name of a parameter or header.',
        }),
        message: Type.String(),
      }),
      { description: 'Each fault in what was sent.' },
    ),
    requestId: Type.String({ description: 'Quote it when asking the operator.' }),
  },
  { $id: 'Problem', title: 'Problem' },
);

/** Errors of the framework and the database that have a meaning in our terms. Any other is `internal`. */
const KNOWN_ERRORS: Record<string, { code: ErrorCode; detail: string; faults?: readonly Fault[] }> = {
  FST_ERR_BAD_URL: { code: 'invalid_request', detail: 'The path is not validly encoded.' },
  FST_ERR_MAX_PARAM_LENGTH: { code: 'invalid_request', detail: 'A part of the path is too long.' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: 'invalid_request',
    detail: 'The body is not as long as Content-Length says.',
    faults: [{ path: 'content-length', message: 'must be the length of the body in bytes' }],
  },
  FST_ERR_HANDLER_TIMEOUT: { code: 'timed_out', detail: 'The answer took too long; ask for less, or later.' },
  // PostgreSQL: canceling statement due to statement timeout.
  '57014': { code: 'timed_out', detail: 'The answer took too long; ask for less, or later.' },
};

/** The same for errors whose meaning depends on what the route takes. */
const ERRORS_OF_ROUTE: Record<string, (request: FastifyRequest) => CodedError> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ({ routeOptions }) => bodyTooLarge(routeOptions.bodyLimit),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: (request) => {
    const types = typesTaken(request).join(', ');
    return new CodedError('unsupported_media_type', `This path takes a body of Content-Type ${types}.`, {
      faults: [{ path: 'content-type', message: `must be one of ${types}` }],
    });
  },
};

/** A number of bytes in words: `10 MB`, `1 kB`. */
function inWords(bytes: number): string {
  return bytes < 1_000_000 ? `${bytes / 1_000} kB` : `${bytes / 1_000_000} MB`;
}

/** The error for a body of more than `limit` bytes. */
export function bodyTooLarge(limit: number, { isCompressed = false } = {}): CodedError {
  const message = `must be at most ${inWords(limit)}${isCompressed ? ' once decompressed' : ''}`;
  return new CodedError('too_large', `The body is larger than ${inWords(limit)}.`, {
    faults: [{ path: '$', message }],
  });
}

/** The content types of the bodies that the route describes. */
function typesTaken({ routeOptions: { schema } }: FastifyRequest): readonly string[] {
  const described = (schema?.body as { content?: object } | undefined)?.content;
  return schema?.consumes ?? (described ? Object.keys(described) : ['application/json']);
}

/** Whatever was thrown, as an error of our table. What it was stays in `cause`. */
function asCodedError(error: unknown, request: FastifyRequest): CodedError {
  if (error instanceof CodedError) return error;
  const code = (error as FastifyError | undefined)?.code ?? '';
  const known = KNOWN_ERRORS[code];
  if (known)
    return new CodedError(known.code, known.detail, {
      cause: error,
      ...(known.faults && { faults: known.faults }),
    });
  const ofRoute = ERRORS_OF_ROUTE[code];
  if (ofRoute) return ofRoute(request);
  if (isTransient(error)) {
    return new CodedError('unavailable', 'The database cannot be reached, or has no room for this now.', {
      cause: error,
      retryAfterSeconds: 2,
    });
  }
  return new CodedError('internal', 'Something went wrong here; the request id finds it in the log.', {
    cause: error,
  });
}

interface Occurrence {
  instance: string;
  requestId: string;
}

/** The body that tells a caller about `error`. */
export function problemOf(error: CodedError, { instance, requestId }: Occurrence) {
  const { status, title } = errorTable[error.code];
  const errors: readonly Fault[] = error.faults;
  return {
    type: `urn:tidemark:problem:${error.code}`,
    title,
    status,
    detail: error.message,
    instance,
    code: error.code,
    errors,
    requestId,
  };
}

/** Answers with the problem that `thrown` is, and logs what is no fault of the caller. */
export function sendProblem(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = asCodedError(thrown, request);
  const problem = problemOf(error, { instance: request.url.split('?', 1)[0] ?? '', requestId: request.id });
  if (error.code === 'internal') request.log.error({ err: error.cause }, 'unexpected');
  else if (problem.status >= 500) request.log.warn({ err: error.cause, code: error.code }, error.message);
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="tidemark"');
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', Math.ceil(error.retryAfterSeconds));
  return reply.code(problem.status).type('application/problem+json').send(problem);
}
