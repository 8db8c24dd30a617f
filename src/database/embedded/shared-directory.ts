/** A directory that every account can reach, for files that cannot stay in the checkout or in DATA_DIR. */
import { chmod, lstat, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { CodedError } from '../../errors.ts';

function candidates() {
  return [join('/var/lib', 'tidemark'), join(tmpdir(), `tidemark-${process.getuid?.() ?? 0}`)];
}

/**
 * `/var/lib/tidemark`, or a directory in the system's temporary directory if the former is not writable. Programs are
 * started from it, so it is never one that someone else owns or may write to.
 *
 * @throws CodedError `unavailable` when neither is usable.
 */
export async function sharedDirectory(): Promise<string> {
  for (const place of candidates()) {
    try {
      await mkdir(place, { recursive: true });
      const found = await lstat(place);
      if (!found.isDirectory() || found.uid !== process.getuid?.()) continue;
      await chmod(place, 0o755);
      return place;
    } catch {
      // Read-only or forbidden; try the next one.
    }
  }
  throw new CodedError(
    'unavailable',
    `Neither of ${candidates().join(', ')} is writable. Make one writable, or set DATABASE_URL.`,
  );
}

/** Whether the path is directly in such a directory, so that we may remove it. */
export function isInSharedDirectory(path: string): boolean {
  return candidates().includes(dirname(path));
}
