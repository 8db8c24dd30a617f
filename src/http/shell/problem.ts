import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { isTransient } from '../../database/connection-error.ts';
import { CodedError, type ErrorCode, errorTable, type Fault } from '../../errors.ts';

/** The body of every error (RFC 9457). */
export const Problem = Type.Object(
  {
    type: Type.String({ description: 'The kind of problem as a URI: urn:tidemark:problem:<code>.' }),
    title: Type.String({ description: 'The kind of problem in words, the same at every occurrence.' }),
    status: Type.Integer({ description: 'The HTTP status.' }),
    detail: Type.String({ description: 'What went wrong at this occurrence.' }),
    instance: Type.String({ description: 'The path of the request.' }),
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
      { description: 'Each fault in the request.' },
    ),
    requestId: Type.String({ description: 'Quote it when you ask the operator.' }),
  },
  { $id: 'Problem', title: 'Problem' },
);

/** The detail of an answer that takes too long. */
export const TIMED_OUT = 'The answer took too long. Try a shorter range or fewer groups, or try again later.';

/** Errors of the framework and the database that have a code of their own here. Every other one is `internal`. */
const KNOWN_ERRORS: Record<string, { code: ErrorCode; detail: string; faults?: readonly Fault[] }> = {
  FST_ERR_BAD_URL: {
    code: 'invalid_request',
    detail: 'The path is not a valid URL. Percent-encode special characters as UTF-8.',
  },
  FST_ERR_MAX_PARAM_LENGTH: {
    code: 'invalid_request',
    detail: 'A part of the path is longer than 512 characters.',
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: 'invalid_request',
    detail: 'The body does not have the length that Content-Length says.',
    faults: [{ path: 'content-length', message: 'must be the length of the body in bytes' }],
  },
  // PostgreSQL: canceling statement due to statement timeout.
  '57014': { code: 'timed_out', detail: TIMED_OUT },
};

/** The same for errors whose detail depends on the route. */
const ERRORS_OF_ROUTE: Record<string, (request: FastifyRequest) => CodedError> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ({ routeOptions }) => bodyTooLarge(routeOptions.bodyLimit),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: (request) => {
    const types = contentTypesOf(request).join(', ');
    return new CodedError(
      'unsupported_media_type',
      `This path takes a body with one of these content types: ${types}.`,
      {
        faults: [{ path: 'content-type', message: `must be one of ${types}` }],
      },
    );
  },
};

/** `10 MB`, `1 kB`. */
function readableSize(bytes: number): string {
  return bytes < 1_000_000 ? `${bytes / 1_000} kB` : `${bytes / 1_000_000} MB`;
}

/** The error for a body of more than `limit` bytes. */
export function bodyTooLarge(limit: number, { isCompressed = false } = {}): CodedError {
  const message = `must be at most ${readableSize(limit)}${isCompressed ? ' once decompressed' : ''}`;
  return new CodedError('too_large', `The body is larger than ${readableSize(limit)}.`, {
    faults: [{ path: '$', message }],
  });
}

/** The content types that the schema of the route names. */
function contentTypesOf({ routeOptions: { schema } }: FastifyRequest): readonly string[] {
  const described = (schema?.body as { content?: object } | undefined)?.content;
  return schema?.consumes ?? (described ? Object.keys(described) : ['application/json']);
}

/** Anything that was thrown, as an error of the table. The original stays in `cause`. */
export function asCodedError(error: unknown, request: FastifyRequest): CodedError {
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
    return new CodedError(
      'unavailable',
      'The database is not reachable, or is overloaded. Try again in a few seconds.',
      {
        cause: error,
        retryAfterSeconds: 2,
      },
    );
  }
  return new CodedError(
    'internal',
    'The service failed on this request. Give the request id to the operator: the log has the details.',
    {
      cause: error,
    },
  );
}

interface Occurrence {
  instance: string;
  requestId: string;
}

/** The body for an error. */
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

/** Answers with an error, and logs it if it is not a fault of the caller. */
export function sendProblem(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = asCodedError(thrown, request);
  const problem = problemOf(error, { instance: request.url.split('?', 1)[0] ?? '', requestId: request.id });
  if (error.code === 'internal') request.log.error({ err: error.cause }, 'the request failed unexpectedly');
  else if (problem.status >= 500) request.log.warn({ err: error.cause, code: error.code }, error.message);
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="tidemark"');
  // The rest of the body may never come.
  if (error.code === 'request_timeout') reply.header('connection', 'close');
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', Math.ceil(error.retryAfterSeconds));
  return reply.code(problem.status).type('application/problem+json').send(problem);
}
