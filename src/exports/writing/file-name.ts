import type { Cell } from './columns.ts';
import { timeText } from './columns.ts';

/** What the name of a file says. */
interface NamedFile {
  /** What the rows are, such as events. */
  subject: string;
  orgId: string;
  /** Milliseconds since the epoch; the end is not part of the file. */
  range: { start: number; end: number };
  /** The rows of the file and those that matched, if it does not have all. */
  truncated?: { rows: number; matched: number } | undefined;
  extension: string;
}

/**
 * The name of a file, in characters that are safe on every system and in a header. An org id may have slashes, quotes and
 * anything else; each such character becomes `_`.
 */
export function fileName({ subject, orgId, range, truncated, extension }: NamedFile): string {
  const org = orgId
    .replaceAll(/[^A-Za-z0-9._-]/g, '_')
    .replace(/^[.-]/, '_')
    .slice(0, 60);
  const part = truncated === undefined ? '' : `-first-${truncated.rows}-of-${truncated.matched}`;
  return `${subject}-${org}-${compact(new Date(range.start))}-${compact(new Date(range.end))}${part}.${extension}`;
}

/** `20261103T140000Z`: colons are not allowed in names on every system. */
function compact(at: Cell): string {
  return timeText(at).replaceAll(/[-:]/g, '');
}
