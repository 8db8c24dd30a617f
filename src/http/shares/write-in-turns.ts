import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { LoopTurns } from '../../shares/loop-turns.ts';
import { loopOwnerOf } from './share-loop.ts';

/** An answer that is smaller is part of its request. */
const LARGE_ANSWER = 64_000;
const PIECE = 131_072;
/** The kernel copies about so many bytes of an answer in a turn. */
const BYTES_IN_A_TURN = 750_000;

/**
 * Writes large answers in pieces, each in a turn of the event loop, with callers in rotation. Written at once, an answer
 * of 4 MB that nobody reads keeps the kernel busy for 10 to 20 ms, and a request needs about ten turns.
 * Must be the last hook that looks at answers.
 */
export function writeInTurns(server: FastifyInstance, loop: LoopTurns): void {
  server.addHook('onSend', (request, reply, payload, done) => {
    const isWhole = typeof payload === 'string' || Buffer.isBuffer(payload);
    if (!isWhole || payload.length < LARGE_ANSWER || request.method === 'HEAD') return done(null, payload);
    const bytes = Buffer.isBuffer(payload) ? payload : Buffer.from(payload as string);
    reply.header('content-length', bytes.length);
    done(
      null,
      Readable.from(piecesOf(bytes, loop, loopOwnerOf(request)), { objectMode: false, highWaterMark: 0 }),
    );
  });
}

async function* piecesOf(bytes: Buffer, loop: LoopTurns, owner: string): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += PIECE) {
    const piece = bytes.subarray(start, start + PIECE);
    await loop.take(owner, piece.length / BYTES_IN_A_TURN);
    yield piece;
  }
}
