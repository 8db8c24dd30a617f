import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
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
import { isProbe } from '../shell/observe-requests.ts';
import { addressOwner } from './address-owner.ts';

interface RateLimitOptions {
  config: Pick<
    Config,
    | 'rateLimitPerMinute'
    | 'ingestRateLimitPerMinute'
    | 'publicRateLimitPerMinute'
    | 'signInRateLimitPerMinute'
  >;
  /** Shares the counts between processes. While Redis is unavailable, each process counts for itself. */
  redis: Redis | undefined;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether a request of this public route is an attempt to sign in. */
    isSignIn?: boolean;
  }
}

const WINDOW_SECONDS = 60;

/**
 * Limits the requests of each actor, with one limit for sending events and another for all else. Public pages are limited
 * by address. Headers show what is left
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
    public: limiterOf('public', config.publicRateLimitPerMinute),
    'sign-in': limiterOf('sign-in', config.signInRateLimitPerMinute),
  };

  const consume = async (
    policy: keyof typeof limits,
    limiter: RateLimiterAbstract,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> => {
    const { actor } = request;
    const key = actor ? `${actor.via}:${actor.id}` : addressOwner(request.ip);
    const { left, resetSeconds } = await count(limiter, key);
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
  };

  server.addHook('onRequest', (request, reply, done) => {
    const policy = policyOf(request);
    const limiter = policy && limits[policy];
    if (policy === undefined || limiter === undefined) done();
    else consume(policy, limiter, request, reply).then(() => done(), done);
  });
}

/** The limit that a request counts against, if any. */
function policyOf({ routeOptions: { config, url = '' } }: FastifyRequest) {
  const { access, isSignIn } = config;
  if (access === undefined) return undefined;
  if (isSignIn) return 'sign-in';
  if (access === 'public') return isProbe(url) ? undefined : 'public';
  return access.capability === 'events:write' ? 'ingest' : 'query';
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
