import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { MINUTE, SECOND, sleep } from '../../../src/time.ts';
import { useDirectories } from '../../support/database/data-directory.ts';
import { makePostgres, type OwnPostgres } from '../../support/database/own-postgres.ts';
import { startLoad } from '../../support/service/service-under-load.ts';

/** How long the lock is held: several times as long as a batch waits for it. */
const LOCKED = 30 * SECOND;
const patience = { timeout: 2 * MINUTE, interval: 50 };
const MAX_CONNECTIONS = 40;
const newDirectory = useDirectories();

describe('under load, nothing is lost or counted twice when', { timeout: 7 * MINUTE }, () => {
  let postgres: OwnPostgres;
  beforeAll(async () => {
    postgres = await makePostgres({
      directory: await newDirectory(),
      settings: { max_connections: String(MAX_CONNECTIONS) },
    });
    await postgres.start();
  });
  afterAll(() => postgres.stop());

  const start = async (options: { mayAnswer?: readonly string[]; env?: Record<string, string> } = {}) => {
    const load = await startLoad({
      dataDir: await newDirectory(),
      databaseUrl: await postgres.newDatabase(),
      ...options,
    });
    onTestFinished(load.end);
    return load;
  };
  const superuser = async (): Promise<Client> => {
    const client = new Client({ connectionString: postgres.url });
    client.on('error', () => {});
    await client.connect();
    onTestFinished(() => client.end().catch(() => {}));
    return client;
  };

  test('PostgreSQL is restarted and killed', async (context) => {
    const load = await start();
    for (const [what, end] of [
      ['restarted', postgres.stop],
      ['killed', postgres.kill],
    ] as const) {
      await sleep(SECOND);
      await end();
      await sleep(SECOND);
      await postgres.start();
      await load.recovered(context, `PostgreSQL ${what}`);
    }
    await load.settle();
  });

  test('every connection is terminated again and again', async (context) => {
    const load = await start();
    const client = await superuser();
    for (let round = 0; round < 25; round++) {
      await sleep(Math.random() * 200);
      await client.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where pid <> pg_backend_pid() and application_name like 'tidemark%'`,
      );
    }
    await load.recovered(context, 'every connection to PostgreSQL terminated, 25 times');
    await load.settle();
  });

  test('other clients take all connections', async (context) => {
    const load = await start();
    const client = await superuser();
    const others: Client[] = [];
    const { origin } = load.service;
    const ask = async () => {
      const headers = { authorization: `Bearer ${load.token}` };
      return (await fetch(`${origin}/analytics/v1/orgs/acme/usage`, { headers })).status;
    };
    expect(await ask()).toBe(200);
    const { pathname } = new URL(postgres.url);
    const takeOne = async () => {
      const taken = new Client({
        connectionString: postgres.url
          .replace('postgres@', 'tidemark_service@')
          .replace(pathname, '/faults_1'),
      });
      taken.on('error', () => {});
      await taken.connect();
      others.push(taken);
    };
    const taking = (async () => {
      for (const end = performance.now() + 4 * SECOND; performance.now() < end; ) {
        await client.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'tidemark%'`,
        );
        while (
          await takeOne().then(
            () => true,
            () => false,
          )
        );
        await sleep(100);
      }
    })();
    await taking;
    expect(others.length).toBeGreaterThan(20);
    expect(await ask()).toBe(503);
    await Promise.all(others.map((other) => other.end()));
    await load.recovered(context, 'no connection to PostgreSQL was left');
    await expect.poll(ask, patience).toBe(200);
    await load.settle();
  });

  test('a lock is held for a long time', async (context) => {
    const load = await start();
    const blocker = await load.pool.connect();
    await blocker.query(
      'begin; set local idle_in_transaction_session_timeout = 0; lock table analytics.event_keys in access exclusive mode',
    );
    await sleep(LOCKED);
    const ready = () => fetch(`${load.service.origin}/analytics/v1/status/readyz`);
    // A load balancer may try another process. The database itself answers.
    expect(await (await ready()).json()).toMatchObject({ status: 503, errors: [{ path: 'ingestion' }] });
    await blocker.query('rollback');
    blocker.release();
    await load.recovered(context, `a lock on what every batch needs held for ${LOCKED / SECOND} s`);
    expect((await ready()).status).toBe(200);
    await load.settle();
    expect(load.senders.flatMap((sender) => [...sender.problems])).toContain('503 unavailable');
  });

  test('the service is stopped in the middle of a flush', async (context) => {
    const load = await start();
    const blocker = await load.pool.connect();
    await blocker.query(
      'begin; set local idle_in_transaction_session_timeout = 0; lock table analytics.event_keys in access exclusive mode',
    );
    await expect
      .poll(
        async () =>
          (
            await load.pool.query(
              `select count(*)::int as count from pg_stat_activity
               where wait_event_type = 'Lock' and query like '%copy analytics.event_keys%'`,
            )
          ).rows[0]?.count,
        patience,
      )
      .toBeGreaterThan(0);
    const before = load.senders.map((sender) => sender.acknowledged.size);
    const stopping = load.service.stop();
    await sleep(SECOND / 2);
    await blocker.query('rollback');
    blocker.release();
    await stopping;
    // The batch under way was stored, and its senders were told.
    const after = load.senders.map((sender) => sender.acknowledged.size);
    expect(after.some((count, index) => count > (before[index] ?? 0))).toBe(true);
    await load.restart();
    await load.recovered(context, 'stopped by SIGTERM in the middle of a flush, and started again');
    await load.settle();
  });
});
