import { expect, test, vi } from 'vitest';
import { openEmbedded } from '../../../src/database/embedded/open-embedded.ts';
import { createPool } from '../../../src/database/pool.ts';
import { sleep } from '../../../src/time.ts';
import { useDirectories } from '../../support/database/data-directory.ts';
import { askUntilAnswered, gone, postmasterPid } from '../../support/database/embedded-holder.ts';

const quiet = { debug: () => {}, info: () => {}, warn: () => {} };
const newDirectory = useDirectories();

test('a killed PostgreSQL comes back under the same connection string, again and again', async () => {
  const database = await openEmbedded({ dataDir: await newDirectory(), log: quiet, mode: 'serve' });
  const broken: Error[] = [];
  const pool = createPool({
    connectionString: database.connectionString,
    max: 3,
    applicationName: 'recovery',
    statementTimeoutMs: 10_000,
    onError: (error) => broken.push(error),
  });
  await pool.query('create table counted (n int)');
  for (let n = 1; n <= 3; n += 1) {
    await pool.query('insert into counted values ($1)', [n]);
    const pid = await postmasterPid(database.location);
    process.kill(pid, 'SIGKILL');
    await gone(pid);
    expect(await askUntilAnswered(database.connectionString, 'select count(*)::int from counted')).toBe(n);
  }
  const { rows } = await pool.query('select sum(n)::int as sum from counted');
  expect(rows).toEqual([{ sum: 6 }]);
  expect(broken.length).toBeGreaterThan(0);
  await pool.end();
  await database.stop();
});

test('a service keeps its claim when PostgreSQL restarts its own sessions', async () => {
  const dataDir = await newDirectory();
  const database = await openEmbedded({ dataDir, log: quiet, mode: 'serve' });
  const session = await askUntilAnswered(
    database.connectionString,
    `select pid from pg_stat_activity where application_name like 'tidemark serve%'`,
  );
  process.kill(Number(session), 'SIGKILL');
  // A new session takes the lost claim again.
  const claims = `select count(*)::int from pg_locks
    where locktype = 'advisory' and mode = 'ExclusiveLock' and granted and pid <> ${Number(session)}`;
  await vi.waitFor(async () => expect(await askUntilAnswered(database.connectionString, claims)).toBe(1), {
    timeout: 30_000,
    interval: 100,
  });
  await database.stop();
});

test('stopping while PostgreSQL is being restarted leaves nothing running', async () => {
  const database = await openEmbedded({ dataDir: await newDirectory(), log: quiet, mode: 'serve' });
  const pid = await postmasterPid(database.location);
  process.kill(pid, 'SIGKILL');
  await sleep(30);
  await database.stop();
  // If the stop came before the new server started, the pid file of the killed one is still there.
  const left = await postmasterPid(database.location).catch(() => undefined);
  expect([undefined, pid]).toContain(left);
  await gone(pid);
});
