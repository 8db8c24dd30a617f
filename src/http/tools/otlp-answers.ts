import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ErrorCode } from '../../errors.ts';
import { errorTable } from '../../errors.ts';
import { asCodedError } from '../shell/problem.ts';

export const PROTOBUF = 'application/x-protobuf';
export const JSON_TYPE = 'application/json';

/** The codes of google.rpc.Code; every other error is INTERNAL or, below 500, INVALID_ARGUMENT. */
const RPC_CODES: Partial<Record<ErrorCode, number>> = {
  unauthenticated: 16,
  forbidden: 7,
  not_found: 5,
  rate_limited: 8,
  quota_exceeded: 8,
  overloaded: 8,
  too_large: 11,
  timed_out: 4,
  unavailable: 14,
};
const INVALID_ARGUMENT = 3;
const INTERNAL = 13;

/** The number of spans or records that were refused, and why. */
export interface PartialSuccess {
  rejected: number;
  message: string;
}

/** The name of the number of refused items in JSON, by signal. */
export type RejectedName = 'rejectedSpans' | 'rejectedDataPoints' | 'rejectedLogRecords';

export function speaksProtobuf(request: FastifyRequest): boolean {
  return (request.headers['content-type'] ?? '').trim().toLowerCase().startsWith(PROTOBUF);
}

/**
 * Answers an export in the encoding of its request. The two fields have the same
 * numbers for all signals; only their name in JSON differs.
 */
export function answerExport(
  request: FastifyRequest,
  reply: FastifyReply,
  rejectedName: RejectedName,
  partial?: PartialSuccess,
): FastifyReply {
  if (!speaksProtobuf(request)) {
    const { rejected = 0, message: errorMessage = '' } = partial ?? {};
    const partialSuccess = { ...(rejected > 0 && { [rejectedName]: String(rejected) }), errorMessage };
    return reply.type(JSON_TYPE).send(partial ? { partialSuccess } : {});
  }
  const writer = new BinaryWriter();
  if (partial) {
    writer.tag(1, WireType.LengthDelimited).fork();
    if (partial.rejected > 0) writer.tag(1, WireType.Varint).int64(partial.rejected);
    writer.tag(2, WireType.LengthDelimited).string(partial.message).join();
  }
  return reply.type(PROTOBUF).send(Buffer.from(writer.finish()));
}

/** Answers an error as OTLP says: a google.rpc.Status in the encoding of the request. */
export function sendRpcStatus(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = asCodedError(thrown, request);
  const { status } = errorTable[error.code];
  if (error.code === 'internal') request.log.error({ err: error.cause }, 'the request failed unexpectedly');
  else if (status >= 500) request.log.warn({ err: error.cause, code: error.code }, error.message);
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="tidemark"');
  if (error.code === 'request_timeout') reply.header('connection', 'close');
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', Math.ceil(error.retryAfterSeconds));
  const code = RPC_CODES[error.code] ?? (status < 500 ? INVALID_ARGUMENT : INTERNAL);
  reply.code(status);
  if (!speaksProtobuf(request)) return reply.type(JSON_TYPE).send({ code, message: error.message });
  const writer = new BinaryWriter().tag(1, WireType.Varint).int32(code);
  writer.tag(2, WireType.LengthDelimited).string(error.message);
  return reply.type(PROTOBUF).send(Buffer.from(writer.finish()));
}
