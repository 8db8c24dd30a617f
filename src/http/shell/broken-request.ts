import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { CodedError, type ErrorCode } from '../../errors.ts';
import { problemOf } from './problem.ts';
import { bodyCutOff } from './read-body.ts';

/** The request whose headers arrived last on a connection. */
const lastRequests = new WeakMap<Socket, FastifyRequest>();

/** Remembers what is being sent on each connection, for the answer if it breaks off. */
export function followRequests(server: FastifyInstance): void {
  server.addHook('onRequest', async (request) => void lastRequests.set(request.raw.socket, request));
}

/** What the HTTP parser found, and in which words. */
type Broken = Error & { code?: string; reason?: string };

/**
 * Answers a request that never became whole: too slow, cut off, headers too large, or no HTTP. The connection ends.
 * @param allowed milliseconds that a request has to arrive
 */
export function refuseBrokenRequests(allowed: number) {
  return (broken: Broken, socket: Socket): void => {
    if (broken.code === 'ECONNRESET' || socket.destroyed) return;
    const last = lastRequests.get(socket);
    // Of the next request on a connection, nothing is known before its headers are whole.
    const request = last?.raw.complete ? undefined : last;
    const body = problemOf(errorOf(broken, request, allowed), {
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

/** @param request the one whose body was on its way; without it, it was the headers */
function errorOf(broken: Broken, request: FastifyRequest | undefined, allowed: number): CodedError {
  const path = request ? '$' : 'headers';
  const refuse = (code: ErrorCode, detail: string, message: string) =>
    new CodedError(code, detail, { cause: broken, faults: [{ path, message }] });
  switch (broken.code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT': {
      const time = `${allowed / 1_000} s`;
      return refuse(
        'request_timeout',
        `The request did not arrive whole within ${time}.`,
        `must arrive whole within ${time}`,
      );
    }
    case 'HPE_HEADER_OVERFLOW':
      return refuse('too_large', 'The headers are larger than 16 kB.', 'must be at most 16 kB');
    case 'HPE_INVALID_EOF_STATE':
      if (request) return bodyCutOff(request.headers, broken);
      return refuse('invalid_request', 'The request ended before its headers were whole.', 'must be whole');
    default:
      return refuse(
        'invalid_request',
        'This is not a valid HTTP request.',
        `must be valid HTTP/1.1: ${broken.reason ?? 'they cannot be read'}`,
      );
  }
}
