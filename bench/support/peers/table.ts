import { type Client, Pool } from 'pg';
import { pidListeningOn, processorTimeOfTree } from '../processes/process-use.ts';
import type { Peer, UsageEvent } from './peer.ts';

/** What differs between a plain table and one of TimescaleDB. */
export interface TableVariant {
  name: string;
  schema: string;
  /** Creates `events` and the rollups `hourly` in the schema. */
  create: readonly string[];
  /** The columns of the unique key. */
  key: string;
  /** Brings `hourly` up to date. */
  refresh: string;
}

const columns = `
  event_id text not null, org_id text not null, model_id text not null, occurred_at timestamptz not null,
  latency_ms float8 not null, status text not null, error_code text, input_tokens int not null,
  output_tokens int not null, cost_cents float8 not null`;

/** The rollups of an hour. A percentile cannot be added up, so each hour has its own. */
function hourlySql(hour: string, events: string): string {
  return `
    select org_id, model_id, ${hour} as hour, count(*) as calls, sum(input_tokens) as input_tokens,
      sum(output_tokens) as output_tokens, sum(cost_cents) as cost_cents,
      percentile_disc(0.95) within group (order by latency_ms) as p95
    from ${events} group by 1, 2, 3`;
}

const SCHEMA = 'bench_table';

/** A table with a unique key, and a materialised view that is refreshed. */
export const plainTable: TableVariant = {
  name: 'a table with a unique key and a materialised view',
  schema: SCHEMA,
  create: [
    `create table ${SCHEMA}.events (${columns}, primary key (event_id))`,
    `create materialized view ${SCHEMA}.hourly as ${hourlySql(`date_trunc('hour', occurred_at)`, `${SCHEMA}.events`)}`,
  ],
  key: 'event_id',
  refresh: `refresh materialized view ${SCHEMA}.hourly`,
};

const TIMESCALE = 'bench_timescale';

/** A hypertable and a continuous aggregate. Its unique key must have the time too. */
export const hypertable: TableVariant = {
  name: 'a continuous aggregate of TimescaleDB',
  schema: TIMESCALE,
  create: [
    'create extension if not exists timescaledb',
    `create table ${TIMESCALE}.events (${columns}, primary key (event_id, occurred_at))`,
    `select create_hypertable('${TIMESCALE}.events', 'occurred_at', chunk_time_interval => interval '1 day')`,
    `create materialized view ${TIMESCALE}.hourly with (timescaledb.continuous) as
      ${hourlySql(`time_bucket('1 hour', occurred_at)`, `${TIMESCALE}.events`)} with no data`,
  ],
  key: 'event_id, occurred_at',
  refresh: `call refresh_continuous_aggregate('${TIMESCALE}.hourly', null, null)`,
};

/** Whether the server syncs each commit to disk. */
export async function isDurable(client: Pick<Client, 'query'>): Promise<string> {
  const { rows } = await client.query<{ lost: string | null }>(
    `select string_agg(name || ' is off', ', ') as lost from pg_settings
     where name in ('fsync', 'synchronous_commit') and setting = 'off'`,
  );
  return rows[0]?.lost ?? 'yes';
}

/** Events parsed and inserted by this process, as an application would do it. */
export async function tablePeer(url: string, variant: TableVariant, connections: number): Promise<Peer> {
  const { name, schema, create, key, refresh } = variant;
  const pool = new Pool({ connectionString: url, max: connections });
  const drop = () => pool.query(`drop schema if exists ${schema} cascade`);
  await drop();
  await pool.query(`create schema ${schema}`);
  for (const sql of create) await pool.query(sql);
  const server = pidListeningOn(Number(new URL(url).port || 5432));
  return {
    name,
    durable: await isDurable(pool),
    async store({ json }) {
      const events = JSON.parse(json.toString()) as UsageEvent[];
      await pool.query(
        `insert into ${schema}.events
         select * from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::float8[], $6::text[],
           $7::text[], $8::int[], $9::int[], $10::float8[])
         on conflict (${key}) do nothing`,
        [
          events.map(({ eventId }) => eventId),
          events.map(({ orgId }) => orgId),
          events.map(({ modelId }) => modelId),
          events.map(({ occurredAt }) => occurredAt),
          events.map(({ latencyMs }) => latencyMs),
          events.map(({ status }) => status),
          events.map(({ errorCode }) => errorCode ?? null),
          events.map(({ inputTokens }) => inputTokens),
          events.map(({ outputTokens }) => outputTokens),
          events.map(({ costEstimateCents }) => costEstimateCents),
        ],
      );
    },
    async rollUp() {
      await pool.query(refresh);
    },
    async ask(orgId, from) {
      const { rows } = await pool.query<{ calls: string; input_tokens: string; p95: number }>(
        `select sum(calls) as calls, sum(input_tokens) as input_tokens, sum(p95 * calls) / sum(calls) as p95
         from ${schema}.hourly where org_id = $1 and hour >= date_trunc('hour', $2::timestamptz)`,
        [orgId, from],
      );
      const [row] = rows;
      return { calls: Number(row?.calls), inputTokens: Number(row?.input_tokens), p95: Number(row?.p95) };
    },
    processorTime: () => (server === undefined ? undefined : processorTimeOfTree(server)),
    async stop() {
      await drop();
      await pool.end();
    },
  };
}

/** Whether TimescaleDB is loaded by the server. */
export async function hasTimescaledb(url: string): Promise<boolean> {
  const pool = new Pool({ connectionString: url, max: 1 });
  try {
    const { rows } = await pool.query<{ libraries: string }>(
      `select current_setting('shared_preload_libraries') as libraries`,
    );
    return rows[0]?.libraries.includes('timescaledb') ?? false;
  } finally {
    await pool.end();
  }
}
