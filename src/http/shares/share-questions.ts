import type { FastifyInstance, FastifyReply, RouteOptions } from 'fastify';
import { shareOwnerOf } from '../../auth/actor.ts';
import type { Config } from '../../config.ts';
import { poolSizes } from '../../database/pool-sizes.ts';
import { CodedError } from '../../errors.ts';
import type { GiveWay } from '../../shares/give-way.ts';
import { Turns } from '../../shares/turns.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { actorOf } from '../shell/authenticate.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route reads much, though its capability is not one of reading. */
    isQuestion?: true;
    /** The handler takes a turn for each part of its answer by `inTurn`, and keeps none while its reader is slow. */
    takesTurns?: true;
  }
  interface FastifyReply {
    /** Reads something for this answer once the caller has a turn. @throws {CodedError} `rate_limited`, `overloaded` */
    inTurn<T>(read: () => Promise<T>): Promise<T>;
  }
}

/** Questions of one caller that may wait. A dashboard asks about twenty at once. */
const WAITING_OF_ONE = 100;

interface QuestionOptions {
  config: Pick<Config, 'databasePoolMax' | 'requestTimeout'>;
  metrics: Pick<Metrics, 'refusedQuestions' | 'observeQuestions'>;
  giveWay?: GiveWay;
}

/**
 * Lets as many questions run at the same time as there are connections for them, and half of that of one caller. The
 * others wait in a queue of their caller. A question keeps its place until its handler ends, even if its caller has gone,
 * because its queries still run.
 */
export function shareQuestions(server: FastifyInstance, { config, metrics, giveWay }: QuestionOptions): void {
  const places = poolSizes(config.databasePoolMax).read;
  const turns = new Turns({
    places,
    placesOfOne: Math.max(1, Math.floor(places / 2)),
    waitingOfOne: WAITING_OF_ONE,
    patience: config.requestTimeout / 2,
    refusal: 'Too many questions of yours run or wait at the moment. Ask fewer at a time, and try again.',
  });
  metrics.observeQuestions(() => turns.waiting);

  server.decorateReply('inTurn', async function inTurn<
    T,
  >(this: FastifyReply, read: () => Promise<T>): Promise<T> {
    const leaving = new AbortController();
    const leave = () => leaving.abort(new CodedError('overloaded', 'The caller has gone.'));
    this.raw.once('close', leave);
    try {
      const end = await turns.take(shareOwnerOf(actorOf(this.request)), leaving.signal).catch((refusal) => {
        metrics.refusedQuestions.inc();
        throw refusal;
      });
      const noteEnd = giveWay?.begin();
      try {
        return await read();
      } finally {
        noteEnd?.();
        end();
      }
    } finally {
      this.raw.off('close', leave);
    }
  });

  server.addHook('onRoute', (route) => {
    // A HEAD route gets the handler of its GET route, which waits for its turn already.
    if (route.method === 'HEAD' || !isQuestion(route)) return;
    const { handler } = route;
    route.handler = function takeTurn(request, reply) {
      return reply.inTurn(async () => handler.call(this, request, reply));
    };
  });
}

function isQuestion({ config }: RouteOptions): boolean {
  const access = config?.access;
  if (access === undefined || access === 'public' || config?.takesTurns === true) return false;
  return config?.isQuestion === true || access.capability.endsWith(':read');
}
