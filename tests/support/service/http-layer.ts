import type { Redis } from 'ioredis';
import type { Actor } from '../../../src/auth/actor.ts';
import type { RecordAudit } from '../../../src/auth/audit.ts';
import type { Authenticator } from '../../../src/auth/authenticator.ts';
import { loadConfig } from '../../../src/config.ts';
import type { DependencyCheck } from '../../../src/http/admin/status-routes.ts';
import { createServer } from '../../../src/http/server.ts';
import type { Server } from '../../../src/http/shell/typed-server.ts';
import { createLog } from '../../../src/telemetry/log.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';

interface HttpLayer {
  env?: Record<string, string>;
  /** The actor of every call. */
  actor: Actor;
  /** Instead of `actor`, for calls of several actors. */
  authenticator?: Authenticator;
  audit?: RecordAudit;
  redis?: Redis;
  checks?: DependencyCheck[];
  registerRoutes(server: Server): void;
}

async function unused(): Promise<never> {
  throw new Error('not used by this test');
}

/** The HTTP layer alone with routes of the test, for behaviour that depends on nothing behind it. */
export function httpLayer(layer: HttpLayer): Server {
  const { env = {}, actor, authenticator, audit, redis, checks, registerRoutes } = layer;
  return createServer({
    config: loadConfig(env),
    log: createLog({ level: 'silent' }),
    metrics: createMetrics(),
    authenticator: authenticator ?? (async () => actor),
    audit: audit ?? unused,
    apiKeys: { create: unused, list: unused, revoke: unused, verify: unused },
    ingest: { submit: unused, validate: unused, noteRefused() {} },
    spanMemory: { recall: unused, remember: unused },
    checks: checks ?? [],
    version: '0',
    registerRoutes,
    ...(redis && { redis }),
  });
}
