import type { FastifyInstance } from 'fastify';

/**
 * Lets a closing server finish what it has begun: connections end with the answer they are waiting for, and
 * after `timeout` milliseconds whatever is still open is cut.
 */
export function drainOnClose(server: FastifyInstance, timeout: number): void {
  let closing = false;

  server.addHook('preClose', async () => {
    closing = true;
    setTimeout(() => server.server.closeAllConnections(), timeout).unref();
  });

  server.addHook('onSend', async (_request, reply) => {
    if (closing) reply.header('connection', 'close');
  });
}
