import type { FastifyInstance, FastifyRequest } from 'fastify';
import { shareOwnerOf } from '../../auth/actor.ts';
import type { LoopTurns } from '../../shares/loop-turns.ts';
import { isProbe } from '../shell/observe-requests.ts';
import { addressOwner } from './address-owner.ts';

/** What a small request takes of a turn of the event loop, as a part of a millisecond. */
const SMALL_REQUEST = 0.25;
/** An answer that is smaller is part of its request. */
const LARGE_ANSWER = 64_000;
/** The kernel copies about so many bytes of an answer in a turn: 200 unread answers of 4 MB took 0.7 s of one turn. */
const BYTES_IN_A_TURN = 750_000;

/**
 * Lets requests begin, and large answers be written, in turns of the event loop, with callers in rotation. Otherwise each turn would handle whatever has
 * arrived on all connections of one caller, and another caller would wait for that several times in one request.
 */
export function shareLoop(server: FastifyInstance, loop: LoopTurns): void {
  server.addHook('onRequest', (request, _reply, done) => {
    if (isProbe(request.routeOptions.url ?? '')) return done();
    const place = loop.take(ownerOf(request), SMALL_REQUEST);
    if (place === undefined) done();
    else place.then(() => done(), done);
  });

  server.addHook('onSend', (request, _reply, payload, done) => {
    const bytes = sizeOf(payload);
    const place = bytes < LARGE_ANSWER ? undefined : loop.take(ownerOf(request), bytes / BYTES_IN_A_TURN);
    if (place === undefined) done(null, payload);
    else place.then(() => done(null, payload), done);
  });
}

function ownerOf({ actor, ip }: FastifyRequest): string {
  return actor ? shareOwnerOf(actor) : addressOwner(ip);
}

/** The bytes of an answer that is written at once, about. A stream is written in pieces. */
function sizeOf(payload: unknown): number {
  return typeof payload === 'string' || Buffer.isBuffer(payload) ? payload.length : 0;
}
