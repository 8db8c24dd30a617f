import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { SECOND } from '../../time.ts';

/** How much of a body is read after its request was refused, and for how long. */
const DISCARD_LIMITS = { bytes: 32_000_000, time: 10 * SECOND, silence: SECOND };

/**
 * Reads and drops the rest of a body before the answer is sent. Most clients read an answer only after they have sent the
 * whole body. If the connection closed before that, they would see a broken pipe in place of the refusal. The connection
 * closes with the answer if the rest is more than `DISCARD_LIMITS` allow.
 */
export function discardRestOfBodies(server: FastifyInstance): void {
  server.addHook('onSend', (request, reply, payload, done) => {
    if (request.raw.complete) return done(null, payload);
    discardRest(request.raw).then((isWhole) => {
      // Fastify has set it to close by now for some refusals.
      reply.header('connection', isWhole && keepsConnection(request.raw) ? 'keep-alive' : 'close');
      done(null, payload);
    }, done);
  });
}

function keepsConnection({ headers, httpVersion }: IncomingMessage): boolean {
  const { connection = '' } = headers;
  return /keep-alive/i.test(connection) || (httpVersion === '1.1' && !/close/i.test(connection));
}

/** @returns whether the body has ended */
function discardRest(request: IncomingMessage): Promise<boolean> {
  const { bytes, time, silence } = DISCARD_LIMITS;
  if (Number(request.headers['content-length'] ?? 0) > bytes) return Promise.resolve(false);
  return new Promise((resolve) => {
    let read = 0;
    const stop = () => {
      clearTimeout(deadline);
      clearTimeout(quiet);
      request.off('data', count).off('end', stop).off('close', stop).off('error', stop);
      resolve(request.complete);
    };
    // A sender may wait for the answer before it sends more.
    const quiet = setTimeout(stop, silence);
    const deadline = setTimeout(stop, time);
    const count = (piece: Buffer) => {
      read += piece.length;
      quiet.refresh();
      if (read > bytes) stop();
    };
    request.on('data', count).once('end', stop).once('close', stop).once('error', stop);
    request.resume();
  });
}
