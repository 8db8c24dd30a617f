import { expect } from 'vitest';
import { startApp } from '../../../src/app/app.ts';
import { loadConfig } from '../../../src/config.ts';
import { createPool } from '../../../src/database/pool.ts';
import { promoteAll } from '../../../src/rollups/fold/roll-up.ts';
import { coarsestGrain, finestGrain } from '../../../src/rollups/grains.ts';
import { reconcile } from '../../../src/rollups/reconcile/reconcile.ts';
import { rebuild } from '../../../src/rollups/remake/rebuild.ts';
import { compact } from '../../../src/rollups/upkeep/compact.ts';
import { applyRetention } from '../../../src/rollups/upkeep/retention.ts';
import { createLog } from '../../../src/telemetry/log.ts';
import { DAY, HOUR, SECOND } from '../../../src/time.ts';
import { makeUsage } from '../events/fixtures.ts';
import { silentLog } from '../events/ingestion.ts';
import { JWT_SECRET, tokenOf } from '../service/service.ts';

const patience = { timeout: 60 * SECOND, interval: 100 };

/**
 * Everything that the service does with its database. It starts (and so migrates), accepts events, rolls them
 * up, answers, creates and revokes a key, and stops. Then come promotion, compaction, rebuild, reconciliation
 * and retention.
 * @param whileRunning called with the origin of the service before it stops
 */
export async function goWholeRound(
  databaseUrl: string,
  env: Record<string, string> = {},
  whileRunning: () => Promise<void> = async () => {},
): Promise<void> {
  await useService(databaseUrl, env, whileRunning);
  await tidyUp(databaseUrl);
}

async function useService(
  databaseUrl: string,
  env: Record<string, string>,
  whileRunning: () => Promise<void>,
): Promise<void> {
  const config = loadConfig({
    HTTP_PORT: '0',
    JWT_SECRET,
    DATABASE_URL: databaseUrl,
    ROLLUP_INTERVAL: '100ms',
    ...env,
  });
  const failures: string[] = [];
  const app = await startApp(
    config,
    createLog({ level: 'error', destination: { write: (line) => failures.push(line) } }),
  );
  const token = await tokenOf(['admin']);
  const call = async (path: string, body?: unknown, method = body === undefined ? 'GET' : 'POST') => {
    const response = await fetch(`${app.address}/analytics/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, json: text === '' ? undefined : JSON.parse(text) };
  };
  try {
    const time = () => new Date(Date.now() - HOUR).toISOString();
    const events = Array.from({ length: 20 }, () => makeUsage({ orgId: 'acme', occurredAt: time() }));
    const sent = await Promise.all([
      call('/events', events.slice(0, 10)),
      call('/events', events.slice(10)),
      call('/events', events.slice(5, 15)),
    ]);
    expect(sent.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(sent.reduce((sum, { json }) => sum + json.stored, 0)).toBe(20);
    const invocations = async () => (await call('/orgs/acme/usage')).json.totals.invocations;
    await expect.poll(invocations, patience).toBe(20);
    for (const path of ['/orgs/acme/reliability?granularity=hour', '/orgs/acme/freshness']) {
      expect((await call(path)).status).toBe(200);
    }
    const key = await call('/api-keys', { name: 'gateway', role: 'ingest', orgs: ['acme'] });
    expect(key.status).toBe(201);
    expect((await call(`/api-keys/${key.json.id}`, undefined, 'DELETE')).status).toBeLessThan(300);
    // On a busy machine a check can take longer than a probe waits.
    await expect.poll(async () => (await call('/status/readyz')).json.status, patience).toBe('ready');
    await whileRunning();
  } finally {
    await app.stop();
  }
  // Such as work that waits in vain for a connection while it holds one.
  expect(failures).toEqual([]);
}

/** The work of the schedule and of the commands, one after the other. */
async function tidyUp(databaseUrl: string): Promise<void> {
  const pool = createPool({
    connectionString: databaseUrl,
    max: 2,
    applicationName: 'tidemark round',
    statementTimeoutMs: 60_000,
    onError: () => {},
  });
  try {
    await promoteAll(pool, coarsestGrain);
    await compact(pool, finestGrain);
    expect(await reconcile(pool)).toMatchObject({ rows: 20, drifts: [] });
    await rebuild(pool, { from: new Date(Date.now() - DAY), to: new Date() });
    expect(await reconcile(pool)).toMatchObject({ rows: 20, drifts: [] });
    const later = Date.now() + 100 * DAY;
    await applyRetention({ pool, log: silentLog, rawRetention: DAY, dedupWindow: DAY, now: later });
    const { rows } = await pool.query('select count(*)::int as left from analytics.events');
    expect(rows).toEqual([{ left: 0 }]);
  } finally {
    await pool.end();
  }
}
