import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeDataDirectory, makeDirectory } from './make-directory.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tidemark-directory-'));
});
afterAll(() => rm(root, { recursive: true }));

test('a directory is made with those above it, also by many at once, and may be there already', async () => {
  const path = join(root, 'a', 'b', 'c');
  await Promise.all([makeDirectory(path), makeDirectory(path), makeDirectory(join(root, 'a', 'b', 'd'))]);
  await makeDirectory(path);
  expect(existsSync(path)).toBe(true);
});

test.runIf(existsSync('/proc/self'))('a data directory where nothing can be created is refused', async () => {
  await expect(makeDataDirectory('/proc/tidemark/data')).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/^DATA_DIR \/proc\/tidemark\/data cannot be created \(ENOENT.*Set it to/),
  });
});

test('a data directory below a file is refused', async () => {
  await writeFile(join(root, 'file'), '');
  await expect(makeDataDirectory(join(root, 'file', 'data'))).rejects.toThrow(/cannot be created \(ENOTDIR/);
});
