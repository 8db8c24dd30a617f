import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { CodedError, type ErrorCode } from '../../errors.ts';
import { problemOf } from './problem.ts';
import { bodyCutOff } from './read-body.ts';

/** The latest request on each connection whose headers have arrived. */
const lastRequests = new WeakMap<Socket, FastifyRequest>();

/** Remembers the request on each connection, so that the answer can name it if the connection breaks. */
export function followRequests(server: FastifyInstance): void {
  server.addHook('onRequest', (request, _reply, done) => {
    lastRequests.set(request.raw.socket, request);
    done();
  });
}

/** An error of Node's HTTP server. */
type ConnectionError = Error & { code?: string; reason?: string };

/**
 * Answers a request that did not arrive completely: too slow, cut off, with too large headers, or not HTTP. Then the
 * connection ends.
 * @param timeout milliseconds in which a request must arrive
 */
export function refuseBrokenRequests(timeout: number) {
  return (error: ConnectionError, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || socket.destroyed) return;
    const last = lastRequests.get(socket);
    // If the last request is complete, the error is about the next one, whose headers have not arrived.
    const request = last?.raw.complete ? undefined : last;
    const body = problemOf(codedErrorOf(error, request, timeout), {
      instance: request?.url.split('?', 1)[0] ?? '',
      requestId: request?.id ?? randomUUID(),
    });
    const text = JSON.stringify(body);
    if (socket.writable) {
      socket.write(
        `HTTP/1.1 ${body.status} ${STATUS_CODES[body.status]}\r\nContent-Type: application/problem+json\r\n` +
          `Content-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
      );
    }
    socket.destroySoon();
  };
}

/** @param request the request whose body was arriving; `undefined` if it was the headers */
function codedErrorOf(
  error: ConnectionError,
  request: FastifyRequest | undefined,
  timeout: number,
): CodedError {
  const path = request ? '$' : 'headers';
  const refuse = (code: ErrorCode, detail: string, message: string) =>
    new CodedError(code, detail, { cause: error, faults: [{ path, message }] });
  switch (error.code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT': {
      const time = `${timeout / 1_000} s`;
      return refuse(
        'request_timeout',
        `The request did not arrive completely within ${time}.`,
        `must arrive completely within ${time}`,
      );
    }
    case 'HPE_HEADER_OVERFLOW':
      return refuse('too_large', 'The headers are larger than 16 kB.', 'must be at most 16 kB');
    case 'HPE_INVALID_EOF_STATE':
      if (request) return bodyCutOff(request.headers, error);
      return refuse(
        'invalid_request',
        'The request ended before its headers were complete.',
        'must be complete',
      );
    default:
      return refuse(
        'invalid_request',
        'This is not a valid HTTP request.',
        `must be valid HTTP/1.1: ${error.reason ?? 'they cannot be read'}`,
      );
  }
}
