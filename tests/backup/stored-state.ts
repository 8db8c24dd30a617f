import type { Pool } from 'pg';
import { inject } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { schemaText } from '../../src/database/schema/schema-text.ts';
import { type Ingestion, startIngestion } from '../../src/ingestion/start-ingestion.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { systemClock } from '../../src/time.ts';
import { silentLog } from '../support/events/ingestion.ts';
import { createEmpty } from '../support/set-up/test-databases.ts';

/** Everything that a database stores: its schema, a digest of the rows of each table, and its sequences. */
export async function storedState(pool: Pool): Promise<{ schema: string; state: Record<string, string> }> {
  const { rows: tables } = await pool.query<{ name: string; kind: string }>(
    `select relname as name, relkind as kind from pg_class
     where relnamespace = 'analytics'::regnamespace and relkind in ('r', 'p', 'S') and not relispartition order by 1`,
  );
  const state: Record<string, string> = {};
  for (const { name, kind } of tables) {
    const sql =
      kind === 'S'
        ? `select last_value::text || is_called::text as text from analytics.${name}`
        : `select count(*) || ' rows ' || coalesce(md5(string_agg(t::text, chr(10) order by t::text collate "C")), '') as text
           from analytics.${name} t`;
    const { rows } = await pool.query<{ text: string }>(sql);
    state[name] = rows[0]?.text ?? '';
  }
  return { schema: await schemaText(pool), state };
}

/** An empty database on the server of the tests. It is dropped with the test run. */
export async function emptyDatabase(): Promise<string> {
  const postgres = inject('postgres');
  if ('fault' in postgres) throw new Error(`There is no PostgreSQL to test on: ${postgres.fault}`);
  return createEmpty(postgres.url, postgres.template);
}

/**
 * Ingests for a while. Afterwards nothing is written any more: the counts of quotas, which are written every five seconds,
 * are there too.
 */
export async function whileIngesting(
  pool: Pool,
  use: (store: (...events: object[]) => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const ingestion: Ingestion = startIngestion({
    config: loadConfig({}),
    pool,
    clock: systemClock,
    log: silentLog,
    metrics: createMetrics(),
  });
  try {
    await use((...events) =>
      ingestion.ingest.submit({
        events,
        source: 'http',
        correlationId: 'test',
        mayIngestFor: () => true,
      }),
    );
  } finally {
    await ingestion.stop();
  }
}

/** Rows in the tables that events do not fill, with every type of column and text that is hard to escape. */
export async function addOtherRows(pool: Pool, awkward: string): Promise<void> {
  await pool.query(
    `insert into analytics.api_keys (id, secret_hash, name, role, orgs, created_at, created_by)
     values ('k-1', decode(repeat('00ff5c0a', 8), 'hex'), $1, 'ingest', array[$1, 'acme', 'null', '{}'],
       '2026-01-02T03:04:05.678901Z', $1)`,
    [awkward],
  );
  await pool.query(
    `insert into analytics.prices (provider, effective_from, cents_per_job, changed_at, changed_by)
     values ($1, '-infinity', 123456789.000001, 'infinity', $1)`,
    [awkward],
  );
  await pool.query(
    `insert into analytics.quota_days values ('acme', 'events', '2026-02-28', 9007199254740993)`,
  );
  await pool.query(
    `with config as (
       insert into analytics.alert_configs (org_id, name, rule, metric, severity, enabled, on_data, interval_seconds,
         created_at, created_by, updated_at, updated_by, next_evaluation_at)
       values ('acme', $1, $2, 'usage.count', 'warning', true, false, 60, now(), $1, now(), $1, now()) returning id)
     insert into analytics.alert_history (config_id, org_id, all_orgs, group_key, name, metric, severity, rule, pending_at,
       triggered_at, value, threshold, window_seconds, samples, evidence)
     select id, 'acme', false, '', $1, 'usage.count', 'warning', $2, now(), now(), 0.1 + 0.2, '-infinity', 60, 1, $2
     from config`,
    [awkward, JSON.stringify({ [awkward]: [1e300, null, awkward] })],
  );
  await pool.query(
    `insert into analytics.alert_transitions (alert_id, config_id, at, transition, reason, note)
     select id, config_id, now(), 'firing', 'above', $1 from analytics.alert_history`,
    [awkward],
  );
}
