import type { FastifyInstance, FastifyRequest } from 'fastify';
import { CodedError } from '../../errors.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Bytes of its body that count against the memory for bodies. */
    heldBytes: number;
  }
}

/** Counts bytes of a body as held by a request. @throws {CodedError} `overloaded`, also if `expected` more would not fit */
export type Hold = (request: FastifyRequest, bytes: number, expected?: number) => void;

/**
 * Bounds the bytes of bodies that the requests of these routes hold together, from their arrival until
 * they are answered or gone: what was parsed from them lives as long.
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
      throw new CodedError('overloaded', 'Too much is being sent at once.', { retryAfterSeconds: 1 });
    held += bytes;
    request.heldBytes += bytes;
  };
}
