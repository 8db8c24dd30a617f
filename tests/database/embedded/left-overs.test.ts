import { spawn } from 'node:child_process';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sleep } from '../../../src/time.ts';
import { useDirectories } from '../../support/database/data-directory.ts';
import {
  ask,
  gone,
  holdEmbedded,
  postmasterPid,
  spawnHolder,
} from '../../support/database/embedded-holder.ts';

const newDirectory = useDirectories();

describe('after kill -9', () => {
  test('of Tidemark alone, the next start takes over the running database and stops it in the end', async () => {
    const dataDir = await newDirectory();
    const first = await holdEmbedded({ dataDir, mode: 'serve' });
    await ask(first.connectionString, 'create table kept as select 42 as answer');
    const postmaster = await postmasterPid(first.location);
    await first.kill();
    const second = await holdEmbedded({ dataDir, mode: 'serve' });
    expect(second).toMatchObject({ adopted: true, connectionString: first.connectionString });
    expect(await postmasterPid(second.location)).toBe(postmaster);
    expect(await ask(second.connectionString, 'select answer from kept')).toBe(42);
    await second.stop();
    await gone(postmaster);
  });

  test('of Tidemark and PostgreSQL, the next start recovers all committed data', async () => {
    const dataDir = await newDirectory();
    const first = await holdEmbedded({ dataDir, mode: 'serve' });
    await ask(first.connectionString, 'create table kept as select 42 as answer');
    process.kill(await postmasterPid(first.location), 'SIGKILL');
    await first.kill();
    const second = await holdEmbedded({ dataDir, mode: 'serve' });
    expect(second.adopted).toBe(false);
    expect(await ask(second.connectionString, 'select answer from kept')).toBe(42);
    await second.stop();
  });

  test('a session that is still computing does not block the next start', async () => {
    const dataDir = await newDirectory();
    const first = await holdEmbedded({ dataDir, mode: 'serve' });
    const computing = ask(first.connectionString, 'select count(*) from generate_series(1, 1e12::bigint)');
    const ended = expect(computing).rejects.toThrow();
    await sleep(300);
    process.kill(await postmasterPid(first.location), 'SIGKILL');
    await first.kill();
    const second = await holdEmbedded({ dataDir, mode: 'serve' });
    await ended;
    await second.stop();
  });

  test('during the first start, the unfinished cluster is thrown away', async () => {
    const dataDir = await newDirectory();
    const first = spawnHolder({ dataDir, mode: 'serve' });
    const made = async () => (await readdir(dataDir)).some((name) => name.startsWith('postgres.new-'));
    while (!(await made())) await sleep(5);
    first.kill('SIGKILL');
    const second = await holdEmbedded({ dataDir, mode: 'serve' });
    expect(await ask(second.connectionString, 'select 42')).toBe(42);
    await second.stop();
    expect(await readdir(dataDir)).toEqual(['postgres', 'postgres.log']);
  });

  test('an unrelated process with the process id of the dead server is left alone', async () => {
    const dataDir = await newDirectory();
    const first = await holdEmbedded({ dataDir, mode: 'serve' });
    const pidFile = join(first.location, 'postmaster.pid');
    const text = await readFile(pidFile, 'utf8');
    await first.stop();
    // PostgreSQL checks only processes of its own account.
    const { uid, gid } = await stat(first.location);
    const stranger = spawn('sleep', ['60'], { uid, gid, cwd: '/' });
    await writeFile(pidFile, text.replace(/^\d+/, String(stranger.pid)));
    const second = await holdEmbedded({ dataDir, mode: 'serve' });
    await second.stop();
    expect(stranger.exitCode).toBe(null);
    stranger.kill();
  });
});
