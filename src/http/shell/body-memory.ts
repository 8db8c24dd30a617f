import type { FastifyInstance, FastifyRequest } from 'fastify';
import { CodedError } from '../../errors.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Bytes of its body that count against the memory limit for bodies. */
    heldBytes: number;
  }
}

/**
 * Counts bytes of a body against the memory limit.
 * @param expected bytes that are still to come; they must fit, but are not counted yet
 * @throws {CodedError} `overloaded`
 */
export type Hold = (request: FastifyRequest, bytes: number, expected?: number) => void;

/**
 * Limits the bytes of bodies that these routes hold together. A body counts until its connection has the answer or
 * closes, because the values parsed from it live that long.
 */
export function boundBodyMemory(routes: FastifyInstance, maxBytes: number): Hold {
  let held = 0;
  routes.decorateRequest('heldBytes', 0);
  routes.addHook('onRequest', async (request, reply) => {
    reply.raw.once('close', () => {
      held -= request.heldBytes;
      request.heldBytes = 0;
    });
  });
  return (request, bytes, expected = 0) => {
    if (held + bytes + expected > maxBytes)
      throw new CodedError(
        'overloaded',
        'Too many bytes are being sent to the service at once. Try again in a second.',
        { retryAfterSeconds: 1 },
      );
    held += bytes;
    request.heldBytes += bytes;
  };
}
