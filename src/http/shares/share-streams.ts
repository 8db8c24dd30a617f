import type { FastifyInstance } from 'fastify';
import { shareOwnerOf } from '../../auth/actor.ts';
import { CodedError } from '../../errors.ts';
import { actorOf } from '../shell/authenticate.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The answer is sent while it is read, for as long as its reader takes. */
    isStream?: true;
  }
}

/** Files of one caller that are being sent at the same time. */
const STREAMS_OF_ONE = 2;
const RETRY_AFTER_SECONDS = 2;

/**
 * Lets each caller receive two files at the same time, and refuses a third with 429. A file counts until its connection
 * is closed or its last byte is taken, so a reader that stands still counts until it is cut off.
 */
export function shareStreams(server: FastifyInstance): void {
  const open = new Map<string, number>();

  server.addHook('preHandler', (request, reply, done) => {
    if (request.routeOptions.config.isStream !== true) return done();
    const owner = shareOwnerOf(actorOf(request));
    const streams = open.get(owner) ?? 0;
    if (streams >= STREAMS_OF_ONE) {
      const message = `${STREAMS_OF_ONE} files are being sent to you already. Read or close one of them, then try again.`;
      return done(new CodedError('rate_limited', message, { retryAfterSeconds: RETRY_AFTER_SECONDS }));
    }
    open.set(owner, streams + 1);
    reply.raw.once('close', () => {
      const left = (open.get(owner) ?? 1) - 1;
      if (left === 0) open.delete(owner);
      else open.set(owner, left);
    });
    done();
  });
}
