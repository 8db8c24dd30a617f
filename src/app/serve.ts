import { createApiKeys } from '../auth/api-keys.ts';
import { createAudit } from '../auth/audit.ts';
import { createAuthenticator } from '../auth/authenticator.ts';
import { createTokenVerifier, type TokenOptions } from '../auth/jwt.ts';
import { localSecret } from '../auth/local-secret.ts';
import { createLoginSessions } from '../auth/sessions/login-sessions.ts';
import { watchRevocations } from '../auth/watch-revocations.ts';
import type { Config } from '../config.ts';
import { CodedError } from '../errors.ts';
import type { DependencyCheck } from '../http/admin/status-routes.ts';
import { createServer } from '../http/server.ts';
import type { Ingest } from '../ingestion/ingest.ts';
import type { SelfReport } from '../ingestion/self-report.ts';
import { SpanMemory } from '../ingestion/spans/span-memory.ts';
import { openChannels } from '../notifications/start-notifications.ts';
import type { FreshnessCache } from '../queries/reading/freshness-cache.ts';
import { limitsOf } from '../quotas/quota.ts';
import { openRealtime } from '../telemetry/prometheus/open-realtime.ts';
import { type Clock, SECOND } from '../time.ts';
import { version } from '../version.ts';
import type { AppContext } from './app-context.ts';
import { registerFeatures } from './register-features.ts';
import type { Stores } from './stores.ts';

/** Nothing is lost when the last look at revoked tokens is cut off. */
const LAST_READ = 2 * SECOND;

export async function tokenOptions(config: Config, clock: Clock): Promise<TokenOptions> {
  return {
    keys:
      config.jwksUrl === undefined
        ? {
            secret: config.jwtSecret ?? (await localSecret(config.dataDir)),
            previousSecret: config.jwtSecretPrevious,
          }
        : { jwksUrl: config.jwksUrl },
    clock,
    audience: config.jwtAudience,
    issuer: config.jwtIssuer,
  };
}

export interface ServeOptions {
  stores: Stores;
  tokens: TokenOptions;
  freshnessCache: FreshnessCache;
  ingest: Ingest;
  selfReport: SelfReport | undefined;
  checks: readonly DependencyCheck[];
}

/** Starts the API, and returns the address that it listens on. */
export async function serve(
  context: AppContext,
  { stores, tokens, freshnessCache, ingest, selfReport, checks }: ServeOptions,
): Promise<string> {
  const { config, clock, onStop } = context;
  const { readPool, authPool, storePool, writePool, redis } = stores;
  const apiKeys = createApiKeys({ database: readPool, verifying: authPool, clock, limits: limitsOf(config) });
  const realtime = openRealtime(context);
  onStop(async () => realtime.stop());
  const { channels, close } = openChannels({ ...context, pool: readPool });
  onStop(close);
  const audit = createAudit(writePool, clock);
  const revocations = await watchRevocations(authPool, context.log);
  onStop(() => revocations.stop(), LAST_READ);
  const { isRevoked } = revocations;
  const verifiers = {
    verifyToken: createTokenVerifier({ ...tokens, maxLifetime: config.maxTokenLifetime, isRevoked }),
    verifyApiKey: (key: string) => apiKeys.verify(key),
  };
  const sessions = createLoginSessions({ database: writePool, verifying: authPool, clock, isRevoked });
  const signIn = { ...verifiers, sessions };
  const server = createServer({
    ...context,
    authenticator: createAuthenticator(verifiers),
    sessions,
    apiKeys,
    audit,
    ingest,
    spanMemory: new SpanMemory({ pool: storePool, clock, kept: config.traceMemory }),
    ...(redis && { redis }),
    version,
    checks,
    ...(selfReport && { onAnswered: (request) => selfReport.record(request) }),
    registerRoutes: (routes) =>
      registerFeatures(routes, {
        ...context,
        stores,
        freshnessCache,
        realtime,
        channels,
        audit,
        signIn,
        version,
      }),
  });
  onStop(() => server.close());
  await server.listen({ host: config.httpHost, port: config.httpPort }).catch((error) => {
    throw cannotListen(config, error);
  });
  return server.listeningOrigin;
}

/** The words for an operator who has to change a setting. */
function cannotListen({ httpHost, httpPort }: Config, cause: NodeJS.ErrnoException): Error {
  const words: Readonly<Record<string, string>> = {
    EADDRINUSE: `another process already listens on port ${httpPort} of ${httpHost}; set HTTP_PORT to a free port`,
    EACCES: `this account may not listen on port ${httpPort}; set HTTP_PORT to a port from 1024 on`,
    EADDRNOTAVAIL: `this machine does not have the address ${httpHost}; set HTTP_HOST to one that it has, or to 0.0.0.0`,
    ENOTFOUND: `the name ${httpHost} has no address; set HTTP_HOST to an address of this machine`,
  };
  const message = words[cause.code ?? ''];
  return message === undefined ? cause : new CodedError('unavailable', message, { cause });
}
