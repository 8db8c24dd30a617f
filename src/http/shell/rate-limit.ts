import type { FastifyInstance } from 'fastify';
import type { Redis } from 'ioredis';
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
} from 'rate-limiter-flexible';
import type { Config } from '../../config.ts';
import { CodedError } from '../../errors.ts';
import { SECOND } from '../../time.ts';

interface RateLimitOptions {
  config: Pick<Config, 'rateLimitPerMinute' | 'ingestRateLimitPerMinute'>;
  /** Shares the counts between processes. While Redis is unavailable, each process counts for itself. */
  redis: Redis | undefined;
}

const WINDOW_SECONDS = 60;

/**
 * Limits the requests of each actor, with one limit for sending events and another for all else. Headers show what is left
 * (`RateLimit` and `RateLimit-Policy`, draft-ietf-httpapi-ratelimit-headers). It runs after authentication.
 */
export function limitRates(server: FastifyInstance, { config, redis }: RateLimitOptions): void {
  const limiterOf = (keyPrefix: string, points: number): RateLimiterAbstract | undefined => {
    if (points === 0) return undefined;
    const memory = new RateLimiterMemory({ keyPrefix, points, duration: WINDOW_SECONDS });
    if (redis === undefined) return memory;
    return new RateLimiterRedis({
      storeClient: redis,
      keyPrefix: `rate:${keyPrefix}`,
      points,
      duration: WINDOW_SECONDS,
      rejectIfRedisNotReady: true,
      insuranceLimiter: memory,
    });
  };
  const limits = {
    ingest: limiterOf('ingest', config.ingestRateLimitPerMinute),
    query: limiterOf('query', config.rateLimitPerMinute),
  };

  server.addHook('onRequest', async (request, reply) => {
    const { actor } = request;
    const access = request.routeOptions.config.access;
    if (actor === null || access === undefined || access === 'public') return;
    const policy = access.capability === 'events:write' ? 'ingest' : 'query';
    const limiter = limits[policy];
    if (limiter === undefined) return;
    const { left, resetSeconds } = await count(limiter, `${actor.via}:${actor.id}`);
    reply.header('ratelimit-policy', `"${policy}";q=${limiter.points};w=${WINDOW_SECONDS}`);
    reply.header('ratelimit', `"${policy}";r=${Math.max(left, 0)};t=${resetSeconds}`);
    if (left >= 0) return;
    throw new CodedError(
      'rate_limited',
      `You sent more than ${limiter.points} requests in a minute. Try again in ${resetSeconds} s.`,
      {
        retryAfterSeconds: resetSeconds,
      },
    );
  });
}

/** Counts one request. `left` is negative if it is over the limit. */
async function count(
  limiter: RateLimiterAbstract,
  key: string,
): Promise<{ left: number; resetSeconds: number }> {
  const resetOf = ({ msBeforeNext }: RateLimiterRes) => Math.max(1, Math.ceil(msBeforeNext / SECOND));
  try {
    const result = await limiter.consume(key);
    return { left: result.remainingPoints, resetSeconds: resetOf(result) };
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    return { left: -1, resetSeconds: resetOf(refusal) };
  }
}
