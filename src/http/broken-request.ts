import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { CodedError } from '../errors.ts';
import { problemOf } from './problem.ts';

/** Answers a request that never became one: too slow, headers too large, or no HTTP. The connection ends. */
export function refuseBrokenRequest(fault: Error & { code?: string }, socket: Socket): void {
  if (fault.code === 'ECONNRESET' || socket.destroyed) return;
  const body = problemOf(errorOf(fault.code), { instance: '', requestId: randomUUID() });
  const text = JSON.stringify(body);
  if (socket.writable) {
    socket.write(
      `HTTP/1.1 ${body.status} ${STATUS_CODES[body.status]}\r\nContent-Type: application/problem+json\r\n` +
        `Content-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
    );
  }
  socket.destroySoon();
}

function errorOf(code: string | undefined): CodedError {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new CodedError('request_timeout', 'The request did not arrive whole in the time allowed.');
    case 'HPE_HEADER_OVERFLOW':
      return new CodedError('too_large', 'The headers are larger than 16 kB.');
    default:
      return new CodedError('invalid_request', 'This is not a valid HTTP request.');
  }
}
