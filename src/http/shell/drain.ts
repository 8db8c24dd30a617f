import type { FastifyInstance } from 'fastify';

/**
 * Lets a closing server finish its requests: each connection ends after its answer. After `timeout` milliseconds the
 * server cuts the connections that are still open.
 */
export function drainOnClose(server: FastifyInstance, timeout: number): void {
  let closing = false;

  server.addHook('preClose', async () => {
    closing = true;
    setTimeout(() => server.server.closeAllConnections(), timeout).unref();
  });

  server.addHook('onSend', (_request, reply, payload, done) => {
    if (closing) reply.header('connection', 'close');
    done(null, payload);
  });
}
