import type { FastifyInstance, FastifyReply } from 'fastify';
import { CodedError } from '../../errors.ts';
import { SECOND } from '../../time.ts';
import { TIMED_OUT } from './problem.ts';

interface Running {
  reply: FastifyReply;
  /** On the clock of `performance.now()`. */
  until: number;
}

/**
 * Answers 504 for a handler that has not begun its answer after `limit` milliseconds. An answer that has begun may take
 * longer: a slow reader of a large file is no fault.
 *
 * Fastify's `handlerTimeout` costs a timer, an AbortController and a DOMException a request, and cuts off answers that
 * have begun. One timer looks at all requests here.
 */
export function limitAnswerTime(server: FastifyInstance, limit: number): void {
  /** The oldest first. */
  const running = new Set<Running>();
  const sweep = (): void => {
    const now = performance.now();
    for (const request of running) {
      if (request.until > now) return;
      running.delete(request);
      if (!request.reply.raw.headersSent) request.reply.send(new CodedError('timed_out', TIMED_OUT));
    }
  };
  const timer = setInterval(sweep, Math.min(SECOND, limit / 4)).unref();
  server.addHook('onClose', async () => clearInterval(timer));

  server.addHook('onRequest', (_request, reply, done) => {
    const entry = { reply, until: performance.now() + limit };
    running.add(entry);
    reply.raw.once('close', () => running.delete(entry));
    done();
  });
}
