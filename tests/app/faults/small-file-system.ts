import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Mounts a small file system there; false where that is not allowed. */
export function mount(directory: string, megabytes: number): boolean {
  return (
    process.platform === 'linux' &&
    spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'tmpfs', directory]).status === 0
  );
}

export function unmount(directory: string): void {
  spawnSync('umount', ['--lazy', directory]);
}

/** Whether tests may mount a file system here. */
export const mayMount = (() => {
  const directory = mkdtempSync(join(tmpdir(), 'tidemark-mount-'));
  const may = mount(directory, 1);
  if (may) unmount(directory);
  rmdirSync(directory);
  return may;
})();

/** Fills all free space, down to the last bytes. */
export async function fill(path: string): Promise<void> {
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
