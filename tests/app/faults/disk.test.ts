import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { MINUTE, SECOND, sleep } from '../../../src/time.ts';
import { useDirectories } from '../../support/database/data-directory.ts';
import { makePostgres } from '../../support/database/own-postgres.ts';
import { startLoad } from '../../support/service/service-under-load.ts';
import { skipUnless } from '../../support/skip-unless.ts';

const MEGABYTES = 220;
const patience = { timeout: 2 * MINUTE, interval: 50 };
const newDirectory = useDirectories();

/** Mounts a small file system there; false where that is not allowed. */
function mount(directory: string): boolean {
  return (
    process.platform === 'linux' &&
    spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${MEGABYTES}m,mode=755`, 'tmpfs', directory]).status === 0
  );
}

function unmount(directory: string) {
  return spawnSync('umount', ['--lazy', directory]);
}

const mayMount = (() => {
  const directory = mkdtempSync(join(tmpdir(), 'tidemark-mount-'));
  const may = mount(directory);
  if (may) unmount(directory);
  rmdirSync(directory);
  return may;
})();

describe('under load', skipUnless(mayMount, 'needs leave to mount a tmpfs'), () => {
  test('a full disk loses no acknowledged event', {
    timeout: 8 * MINUTE,
  }, async (context) => {
    const directory = await newDirectory();
    mount(directory);
    onTestFinished(() => void unmount(directory));
    const postgres = await makePostgres({
      directory,
      settings: { max_wal_size: '48MB', min_wal_size: '32MB', checkpoint_timeout: '30s' },
    });
    await postgres.start();
    onTestFinished(() => postgres.stop());
    const load = await startLoad({
      dataDir: await newDirectory(),
      databaseUrl: await postgres.newDatabase(),
    });
    onTestFinished(load.end);
    const filling = join(directory, 'something-else');
    await fill(filling);
    await expect.poll(() => load.senders.every((sender) => sender.problems.size > 0), patience).toBe(true);
    await sleep(2 * SECOND);
    await rm(filling);
    // PostgreSQL stops itself when its log has no room, and the operator starts it again once there is room.
    if (!(await postgres.isRunning())) await postgres.start();
    await load.recovered(context, 'the disk of PostgreSQL was full');
    await load.settle();
  });
});

/** Fills all free space, down to the last bytes. */
async function fill(path: string): Promise<void> {
  for (const bytes of [1_000_000, 8_192, 512]) {
    const piece = Buffer.alloc(bytes);
    for (;;) {
      try {
        await writeFile(path, piece, { flag: 'a' });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOSPC') break;
        throw error;
      }
    }
  }
}
