/** A start that is blocked or told to stop half-way gives the reason, undoes what it began, and ends. */
import { access, readdir, readFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { LOCK_SPACE, lockNumbers } from '../../src/database/advisory-locks.ts';
import { MINUTE, sleep } from '../../src/time.ts';
import { useDirectories } from '../support/database/data-directory.ts';
import { useDatabase } from '../support/database/database.ts';
import { holdTransaction } from '../support/database/pools.ts';
import { endOf, startCommand } from '../support/service/run-command.ts';

const patience = { timeout: MINUTE, interval: 20 };
const newDirectory = useDirectories();

/** Starts a command, and kills it at the end of the test if it still runs. */
function begin(args: readonly string[], env: Record<string, string>) {
  const child = startCommand(args, {
    PATH: process.env.PATH ?? '',
    HTTP_PORT: '0',
    JWT_SECRET: 'the secret of the tests, 32 bytes long',
    ...env,
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (piece) => {
      said += piece;
    });
  }
  return { child, said: () => said, ended: endOf(child) };
}

describe('a database that accepts connections and never answers', () => {
  const sockets = new Set<Socket>();
  let silent: Server;
  let place = '';
  let url = '';
  beforeAll(async () => {
    silent = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    place = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    url = `postgresql://tidemark:hunter2@${place}/tidemark`;
  });
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  test.each([[['start']], [['keys', 'list']]])(
    'ends %j with a message that names the address',
    async (args) => {
      const { said, ended } = begin(args, { DATABASE_URL: url });
      expect(await ended).toMatchObject({ code: 1 });
      expect(said()).toContain(`The database at ${place}`);
      expect(said()).toContain('DATABASE_URL');
      expect(said()).not.toContain('hunter2');
    },
  );

  test.each([
    [['start'], 0],
    [['keys', 'list'], 143],
    [['migrate'], 143],
  ] as const)('does not keep %j from stopping on SIGTERM', async (args, code) => {
    const called = new Promise((resolve) => silent.once('connection', resolve));
    const { child, said, ended } = begin(args, { DATABASE_URL: url });
    await called;
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code });
    expect(said()).toContain('stopped');
    expect(said()).not.toContain('The database at');
  });
});

describe('a start that waits for a lock of another session', () => {
  const database = useDatabase();

  /** Number of sessions of this use that wait for a lock. */
  const waiting = async (use: string): Promise<number> => {
    const { rows } = await database.pool.query<{ count: number }>(
      `select count(*) as count from pg_stat_activity
       where datname = current_database() and application_name like $1 and wait_event_type = 'Lock'`,
      [`tidemark ${use}%`],
    );
    return rows[0]?.count ?? 0;
  };

  const migrating = `select pg_advisory_xact_lock(${LOCK_SPACE}, ${lockNumbers.migration})`;

  test('waits for another process that migrates, and says so', async () => {
    const release = await holdTransaction(database.pool, migrating);
    const { child, said, ended } = begin(['start'], { DATABASE_URL: database.url });
    await expect.poll(said, patience).toContain('another process is migrating the database');
    await release();
    await expect.poll(said, patience).toContain('Tidemark is ready');
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0 });
  });

  test('names the session that its migrations wait for', async () => {
    const release = await holdTransaction(
      database.pool,
      'lock table analytics.migrations in access exclusive mode',
    );
    const { said, ended } = begin(['keys', 'list'], { DATABASE_URL: database.url });
    await expect.poll(said, patience).toContain('tidemark-test');
    await release();
    expect(await ended).toMatchObject({ code: 0 });
  });

  test.each([
    ['another process that migrates', ['start'], migrating, 'migrate', 0],
    ['another process that migrates', ['keys', 'list'], migrating, 'migrate', 143],
    ['a locked table', ['start'], 'lock table analytics.migrations', 'migrate', 0],
    ['a locked table', ['migrate'], 'lock table analytics.migrations', 'migrate', 143],
    ['a lock on the signing keys', ['start'], 'lock table analytics.signing_keys', 'write', 0],
    ['a lock on the built-in rules', ['start'], 'lock table analytics.alert_configs', 'write', 0],
    ['a lock on the schedule', ['start'], 'create schema tidemark_jobs', 'write', 0],
  ] as const)('behind %s: %j stops on SIGTERM', async (_what, args, sql, use, code) => {
    await database.pool.query('drop schema if exists tidemark_jobs cascade');
    await holdTransaction(database.pool, sql);
    const { child, said, ended } = begin(args, { DATABASE_URL: database.url });
    await expect.poll(() => waiting(use), patience).toBeGreaterThan(0);
    child.kill('SIGTERM');
    expect(await ended, said()).toMatchObject({ code });
    expect(said()).toContain('stopped');
    // No session waits for the lock any more; otherwise its statement would still run later.
    await expect.poll(() => waiting(''), patience).toBe(0);
  });
});

describe('the embedded database', () => {
  /** What exists at each stage of a first start. */
  const stages = {
    'its cluster is made': async (dataDir: string) =>
      (await readdir(dataDir)).some((name) => name.startsWith('postgres')),
    'its server starts': (dataDir: string) => exists(join(dataDir, 'postgres', 'postmaster.pid')),
    'its server is there': async (dataDir: string) =>
      /ready/.test(await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').catch(() => '')),
  };
  const exists = (path: string) =>
    access(path).then(
      () => true,
      () => false,
    );

  test.each(
    Object.entries(stages).flatMap(([stage, reached]) =>
      [['start'], ['keys', 'list']].map((args) => ({ stage, reached, args })),
    ),
  )('is not left running when $args is told to stop as $stage', async ({ reached, args }) => {
    const dataDir = await newDirectory();
    const { child, said, ended } = begin(args, { DATA_DIR: dataDir });
    while (!(await reached(dataDir))) await sleep(1);
    child.kill('SIGTERM');
    expect((await ended).code, said()).toBe(args[0] === 'start' ? 0 : 143);
    expect(await exists(join(dataDir, 'postgres', 'postmaster.pid'))).toBe(false);
  });
});
