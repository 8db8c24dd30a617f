import type { FastifyInstance, FastifyRequest } from 'fastify';
import { shareOwnerOf } from '../../auth/actor.ts';
import type { LoopTurns } from '../../shares/loop-turns.ts';
import { isProbe } from '../shell/observe-requests.ts';
import { addressOwner } from './address-owner.ts';

/** What a small request takes of a turn of the event loop, as a part of a millisecond. */
const SMALL_REQUEST = 0.25;

/**
 * Lets requests begin in turns of the event loop, with callers in rotation. Otherwise each turn would handle whatever has
 * arrived on all connections of one caller, and another caller would wait for that several times in one request.
 */
export function shareLoop(server: FastifyInstance, loop: LoopTurns): void {
  server.addHook('onRequest', (request, _reply, done) => {
    if (isProbe(request.routeOptions.url ?? '')) return done();
    const place = loop.take(loopOwnerOf(request), SMALL_REQUEST);
    if (place === undefined) done();
    else place.then(() => done(), done);
  });
}

/** The owner of the turns that a request takes. */
export function loopOwnerOf({ actor, ip }: FastifyRequest): string {
  return actor ? shareOwnerOf(actor) : addressOwner(ip);
}
