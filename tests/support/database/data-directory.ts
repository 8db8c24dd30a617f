/** Data directories of one test file, removed at its end. */
import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/**
 * Returns a function that makes an empty directory, open to every account unless `mode` says otherwise. A
 * database that had to be placed elsewhere is removed with its directory.
 */
export function useDirectories(): (mode?: number) => Promise<string> {
  const made: string[] = [];
  afterAll(async () => {
    for (const path of made) {
      const location = await realpath(join(path, 'postgres')).catch(() => undefined);
      if (location) await rm(location, { recursive: true, force: true });
      await rm(path, { recursive: true, force: true });
    }
  });
  return async (mode = 0o755) => {
    const path = await realpath(await mkdtemp(join(tmpdir(), 'tidemark-embedded-')));
    await chmod(path, mode);
    made.push(path);
    return path;
  };
}
