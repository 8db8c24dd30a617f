import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { shareOwnerOf } from '../../auth/actor.ts';
import type { Config } from '../../config.ts';
import { CodedError } from '../../errors.ts';
import { SharedCapacity } from '../../shares/capacity.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { SECOND } from '../../time.ts';
import { isShared } from '../shell/fixed-answer.ts';
import { problemOf } from '../shell/problem.ts';
import { addressOwner } from './address-owner.ts';

/** The kernel takes an answer of this size at once, so it waits in no memory of ours. */
const SMALL_ANSWER_BYTES = 16_384;
/** A connection that takes no byte of an answer for so long is cut off. */
const LONGEST_PAUSE = 10 * SECOND;

interface AnswerOptions {
  config: Pick<Config, 'maxAnswerBytesInFlight'>;
  metrics: Pick<Metrics, 'slowReaders' | 'observeAnswers'>;
}

/**
 * Bounds the bytes of answers that wait until their callers read them. Each caller has a share; beyond it the answer is
 * 429. A caller that does not go on reading is cut off.
 */
export function boundAnswerMemory(server: FastifyInstance, { config, metrics }: AnswerOptions): void {
  const answers = new SharedCapacity(config.maxAnswerBytesInFlight);
  metrics.observeAnswers(() => answers.total);

  server.addHook('onSend', (request, reply, payload, done) => {
    const size = sizeOf(payload);
    cutOffSlowReader(reply, () => metrics.slowReaders.inc());
    if (size <= SMALL_ANSWER_BYTES) return done(null, payload);
    const owner = request.actor ? shareOwnerOf(request.actor) : addressOwner(request.ip);
    // An answer larger than any share still has its turn when no other waits.
    if (answers.total > 0 && !answers.hasRoom(owner, size)) return done(null, refuse(request, reply));
    answers.hold(owner, size);
    reply.raw.once('close', () => answers.release(owner, size));
    done(null, payload);
  });
}

function sizeOf(payload: unknown): number {
  if (typeof payload === 'string') return Buffer.byteLength(payload);
  return payload instanceof Buffer && !isShared(payload) ? payload.length : 0;
}

/** Node restarts the timer whenever the kernel takes bytes, and resets it when the answer is complete. */
function cutOffSlowReader({ raw }: FastifyReply, onCutOff: () => void): void {
  const { socket } = raw;
  // A request that was injected has no real socket.
  if (typeof socket?.setTimeout !== 'function') return;
  raw.once('timeout', () => {
    onCutOff();
    socket.destroy();
  });
  socket.setTimeout(LONGEST_PAUSE);
}

function refuse(request: FastifyRequest, reply: FastifyReply): string {
  const error = new CodedError(
    'overloaded',
    'Answers that you have not read yet take all the memory that you may use. Read them, then try again.',
  );
  const problem = problemOf(error, { instance: request.url.split('?', 1)[0] ?? '', requestId: request.id });
  for (const header of ['etag', 'content-encoding', 'content-length', 'content-disposition'])
    reply.removeHeader(header);
  reply.code(problem.status).header('retry-after', 1).type('application/problem+json');
  return JSON.stringify(problem);
}
