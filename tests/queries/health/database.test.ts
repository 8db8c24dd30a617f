import { Client, Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type EmbeddedDatabase, openEmbedded } from '../../../src/database/embedded/open-embedded.ts';
import { answerDatabaseHealth } from '../../../src/queries/health/database.ts';
import type { RealtimeSource } from '../../../src/telemetry/prometheus/realtime.ts';
import { systemClock } from '../../../src/time.ts';
import { useDirectories } from '../../support/database/data-directory.ts';
import { makeRequests } from '../../support/service/requests.ts';
import { tokenOf, useService } from '../../support/service/service.ts';

const quiet = { debug: () => {}, info: () => {}, warn: () => {} };
const PATH = '/api/v1/analytics/health/database';

describe('the health of the database', () => {
  const service = useService();
  beforeAll(async () => {
    const body = makeRequests(3_000, { end: Date.now(), span: 3 * 86_400_000 });
    expect((await service.call('/analytics/v1/events', { body })).json.stored).toBe(3_000);
    await service.database.pool.query('analyze');
  });
  const read = async () => (await service.call(PATH)).json;
  /** The answer with everything in it. On a busy machine some parts may come too late. */
  const readWhole = async () => {
    const found = { json: await read() };
    await vi.waitFor(
      async () => {
        found.json = await read();
        const parts = found.json.missing.map(({ part }: { part: string }) => part);
        expect(parts.filter((part: string) => part !== 'slowStatements')).toEqual([]);
        // The service has read its own metrics twice by then.
        expect(found.json.latency.queryMs?.p99 ?? null).not.toBeNull();
      },
      { timeout: 30_000, interval: 200 },
    );
    return found.json;
  };

  test('has pools, connections, latency and the cache hit ratio', async () => {
    const json = await readWhole();
    expect(json.pools.map(({ pool }: { pool: string }) => pool)).toEqual(['read', 'store', 'write']);
    for (const { max, active, idle, waiting } of json.pools) {
      expect(active + idle).toBeLessThanOrEqual(max);
      expect(waiting).toBe(0);
    }
    expect(json.latency.probeMs).toBeGreaterThan(0);
    expect(json.latency.queryMs.p99).toBeGreaterThan(0);
    const { total, active, idle, idleInTransaction, hidden, max } = json.connections;
    expect(active + idle + idleInTransaction + hidden).toBe(total);
    expect(total).toBeLessThan(max);
    expect(json.cache.hitRatio).toBeGreaterThan(0);
    expect(json.cache.hitRatio).toBeLessThanOrEqual(1);
    expect(json.cache.commits).toBeGreaterThan(0);
    expect(json.replication).toMatchObject({ role: 'primary', replayLagSeconds: null });
  });

  test('adds up the partitions of each table, and the sizes of all', async () => {
    const { rows } = await service.database.pool.query<{ partitions: number; bytes: number }>(
      `select count(*) as partitions,
         (pg_total_relation_size('analytics.events') + sum(pg_total_relation_size(inhrelid)))::bigint as bytes
       from pg_inherits where inhparent = 'analytics.events'::regclass`,
    );
    const { tables, totalBytes } = await readWhole();
    const events = tables.find(({ table }: { table: string }) => table === 'analytics.events');
    expect(events.partitions).toBe(rows[0]?.partitions);
    expect(events.tableBytes + events.indexBytes).toBe(rows[0]?.bytes);
    const sizes = tables.map((table: { tableBytes: number; indexBytes: number }) => {
      return table.tableBytes + table.indexBytes;
    });
    expect(sizes).toEqual(sizes.toSorted((a: number, b: number) => b - a));
    expect(sizes.reduce((sum: number, size: number) => sum + size, 0)).toBe(totalBytes);
  });

  test('shows waits for locks, and leaves out the sizes of locked tables', async () => {
    const clients = [1, 2].map(() => new Client({ connectionString: service.database.url }));
    const [holder, waiter] = clients as [Client, Client];
    for (const client of clients) await client.connect();
    await holder.query('begin');
    await holder.query('lock table analytics.streams in access exclusive mode');
    const waiting = waiter.query('select count(*) from analytics.streams');
    try {
      await expect
        .poll(read, { timeout: 30_000 })
        .toMatchObject({ connections: { waiting: 1, idleInTransaction: 1 }, tables: null, totalBytes: null });
      const { missing } = await read();
      expect(missing).toContainEqual({ part: 'tables', reason: 'not answered within 1000 ms' });
    } finally {
      await holder.query('rollback');
      await waiting;
      for (const client of clients) await client.end();
    }
    expect((await readWhole()).tables).not.toBeNull();
  });

  test("fails with the service's figures, and leaves no rejection unhandled", async () => {
    const realtime = { read: () => Promise.reject(new Error('on purpose')) } as unknown as RealtimeSource;
    const { pool } = service.database;
    const unheard: unknown[] = [];
    const hear = (reason: unknown) => void unheard.push(reason);
    process.on('unhandledRejection', hear);
    try {
      await expect(answerDatabaseHealth({ pool, pools: {}, realtime, clock: systemClock })).rejects.toThrow(
        'on purpose',
      );
      expect(unheard).toEqual([]);
    } finally {
      process.off('unhandledRejection', hear);
    }
  });

  test('is open to callers who may see all orgs', async () => {
    const engineer = await tokenOf(['engineer'], ['acme']);
    const { status, json } = await service.call(PATH, { token: engineer });
    expect({ status, code: json.code }).toEqual({ status: 403, code: 'forbidden' });
  });

  test('gives the query latency of the last moments without a Prometheus, and says so', async () => {
    const { status, json } = await service.call(`${PATH}?range=7d`);
    expect(status).toBe(200);
    expect(json.latency).toMatchObject({ source: 'process', windowSeconds: 60 });
    expect((await service.call(`${PATH}?range=2h`)).status).toBe(400);
  });
});

describe('on a server without other clients', () => {
  const newDirectory = useDirectories();
  let server: EmbeddedDatabase | undefined;
  let owner: Pool | undefined;
  const env: Record<string, string> = {};

  const urlOf = (user: string, database: string): string => {
    const url = new URL(server?.connectionString ?? '');
    [url.username, url.password, url.pathname] = [user, 'secret', `/${database}`];
    return url.href;
  };
  const asOwner = (): Pool => {
    if (!owner) throw new Error('The server is there from beforeAll on.');
    return owner;
  };

  beforeAll(async () => {
    server = await openEmbedded({ dataDir: await newDirectory(), log: quiet, mode: 'serve' });
    owner = new Pool({ connectionString: server.connectionString, max: 2 });
    owner.on('error', () => {});
    // Exactly what the operator's guide grants to the role.
    await owner.query(`create role tidemark_least login password 'secret'`);
    await owner.query('create database least');
    await owner.query('revoke all on database least from public');
    await owner.query('grant connect, create on database least to tidemark_least');
    env.DATABASE_URL = urlOf('tidemark_least', 'least');
  });
  const service = useService(env);
  afterAll(async () => {
    await owner?.end();
    await server?.stop();
  });
  const read = async () => (await service.call(PATH)).json;

  test('a role that owns only its schemas sees all but the slowest statements', async () => {
    await expect
      .poll(async () => (await read()).missing, { timeout: 30_000 })
      .toEqual([{ part: 'slowStatements', reason: 'pg_stat_statements is not installed in this database' }]);
    const json = await read();
    expect(json).toMatchObject({ cache: { hitRatio: expect.any(Number) }, replication: { replicas: [] } });
    expect(json.tables.length).toBeGreaterThan(5);
  });

  test('connections of other roles are counted without details', async () => {
    await asOwner().query('grant connect on database least to public');
    const other = new URL(server?.connectionString ?? '');
    other.pathname = '/least';
    const client = new Client({ connectionString: other.href });
    await client.connect();
    try {
      expect((await read()).connections.hidden).toBe(1);
    } finally {
      await client.end();
    }
  });

  test('with pg_stat_statements, in any schema, the slowest statements are shown', async () => {
    const other = new URL(server?.connectionString ?? '');
    other.pathname = '/least';
    const client = new Client({ connectionString: other.href });
    await client.connect();
    await client.query('create schema "Odd schema"');
    await client.query('create extension pg_stat_statements schema "Odd schema"');
    await client.query('grant usage on schema "Odd schema" to public');
    await client.query('select pg_sleep(0.2)');
    await client.end();
    await service.call('/analytics/v1/orgs/acme/usage');
    await expect.poll(async () => (await read()).missing, { timeout: 30_000 }).toEqual([]);
    const { slowStatements } = await read();
    expect(slowStatements.length).toBeGreaterThan(0);
    const means = slowStatements.map(({ meanMs }: { meanMs: number }) => meanMs);
    expect(means).toEqual(means.toSorted((a: number, b: number) => b - a));
    // The service must not show a statement of another role.
    expect(JSON.stringify(slowStatements)).not.toMatch(/pg_sleep/);
  });
});

test('without a database the answer is an error, not an answer without figures', async () => {
  const pool = new Pool({ connectionString: 'postgres://nobody@127.0.0.1:1/nothing', max: 1 });
  // The answer does not wait for the other figures either.
  const never = () => new Promise<never>(() => {});
  const realtime: RealtimeSource = { read: never, readWaiting: never };
  await expect(answerDatabaseHealth({ pool, pools: {}, realtime, clock: systemClock })).rejects.toThrow(
    'ECONNREFUSED',
  );
  await pool.end();
});
