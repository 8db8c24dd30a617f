/**
 * Writes docs/openapi.json, the description of the API. `--check` only compares the file. The routes are registered as
 * in the service, with a database that is never used. A test compares the file with the running service.
 */

import packageJson from '../package.json' with { type: 'json' };
import { registerFeatures } from '../src/app/register-features.ts';
import { createApiKeys } from '../src/auth/api-keys.ts';
import { createAudit } from '../src/auth/audit.ts';
import { createLoginSessions } from '../src/auth/sessions/login-sessions.ts';
import { loadConfig } from '../src/config.ts';
import { createPool } from '../src/database/pool.ts';
import { createServer } from '../src/http/server.ts';
import { openChannels } from '../src/notifications/start-notifications.ts';
import { createFreshnessCache } from '../src/queries/reading/freshness-cache.ts';
import { createLog } from '../src/telemetry/log.ts';
import { createMetrics } from '../src/telemetry/metrics.ts';
import { systemClock as clock } from '../src/time.ts';
import { writeGenerated } from './generated-file.ts';

async function never(): Promise<never> {
  throw new Error('the description of the API must not call anything');
}

const pool = createPool({
  connectionString: 'postgres://nowhere.invalid',
  max: 1,
  applicationName: 'openapi',
  statementTimeoutMs: 0,
  onError: () => {},
});
const config = loadConfig({});
const log = createLog({ level: 'silent' });
const audit = createAudit(pool, clock);
const { channels, close } = openChannels({ config, pool, clock, log });
const server = createServer({
  config,
  log,
  metrics: createMetrics(),
  authenticator: never,
  apiKeys: createApiKeys({ database: pool, clock }),
  audit,
  ingest: { submit: never, validate: never, noteRefused() {} },
  spanMemory: { recall: never, remember: never },
  checks: [],
  version: packageJson.version,
  registerRoutes: (routes) =>
    registerFeatures(routes, {
      config,
      clock,
      log,
      orgMetrics: undefined,
      news: new EventTarget(),
      stores: { readPool: pool, storePool: pool, writePool: pool, redis: undefined },
      freshnessCache: createFreshnessCache({ redis: undefined, ttl: 0 }),
      realtime: { read: never, readWaiting: never },
      channels,
      audit,
      signIn: {
        sessions: createLoginSessions({ database: pool, clock, isRevoked: () => false }),
        verifyToken: never,
        verifyApiKey: never,
      },
      version: packageJson.version,
    }),
});
await server.ready();
await writeGenerated('docs/openapi.json', `${JSON.stringify(server.swagger(), null, 2)}\n`, 'openapi');
await server.close();
await close();
