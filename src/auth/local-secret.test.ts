import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { localSecret } from './local-secret.ts';

let dataDir = '';
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tidemark-secret-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

test('the local secret is made once and readable by its owner alone, however many processes start at once', async () => {
  const place = join(dataDir, 'new');
  const secrets = await Promise.all(Array.from({ length: 20 }, () => localSecret(place)));
  expect(new Set(secrets).size).toBe(1);
  expect(secrets[0]).toHaveLength(43);
  expect(await localSecret(place)).toBe(secrets[0]);
  expect(await readdir(place)).toEqual(['jwt-secret']);
  expect((await stat(join(place, 'jwt-secret'))).mode & 0o777).toBe(0o600);
});

test('a secret that others could read is made private', async () => {
  await localSecret(dataDir);
  await chmod(join(dataDir, 'jwt-secret'), 0o644);
  await localSecret(dataDir);
  expect((await stat(join(dataDir, 'jwt-secret'))).mode & 0o777).toBe(0o600);
});

test('a secret that is easy to guess is refused', async () => {
  await writeFile(join(dataDir, 'jwt-secret'), '');
  await expect(localSecret(dataDir)).rejects.toThrow('holds no secret');
});
