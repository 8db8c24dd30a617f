/** A directory of ours that every account can reach, for what cannot stay in the checkout or in DATA_DIR. */
import { chmod, lstat, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { CodedError } from '../../errors.ts';

function candidates() {
  return [join('/var/lib', 'tidemark'), join(tmpdir(), `tidemark-${process.getuid?.() ?? 0}`)];
}

/**
 * `/var/lib/tidemark`, or a directory in the system's temporary one where that cannot be written. A
 * directory that someone else owns or may write to is not used: programs are started from it.
 *
 * @throws CodedError `unavailable` when neither can be used.
 */
export async function sharedPlace(): Promise<string> {
  for (const place of candidates()) {
    try {
      await mkdir(place, { recursive: true });
      const found = await lstat(place);
      if (!found.isDirectory() || found.uid !== process.getuid?.()) continue;
      await chmod(place, 0o755);
      return place;
    } catch {
      // Read-only or forbidden: the next one.
    }
  }
  throw new CodedError('unavailable', `None of ${candidates().join(', ')} can be written.`);
}

/** Whether the path is directly in such a directory, and so may be removed by us. */
export function isInSharedPlace(path: string): boolean {
  return candidates().includes(dirname(path));
}
