import { timeText } from './columns.ts';

/** What the name of a file says. */
interface NamedFile {
  /** What the rows are, such as events. */
  subject: string;
  orgId: string;
  /** Milliseconds since the epoch; the end is not part of the file. Absent: the file is of no range. */
  range: { start: number; end: number } | undefined;
  /** The rows of the file and those that matched, if it does not have all. */
  truncated?: { rows: number; matched: number } | undefined;
  extension: string;
}

/**
 * The name of a file, in characters that are safe on every system and in a header. An org id may have slashes, quotes and
 * anything else; each such character becomes `_`.
 */
export function fileName({ subject, orgId, range, truncated, extension }: NamedFile): string {
  const part = truncated === undefined ? '' : `-first-${truncated.rows}-of-${truncated.matched}`;
  const time = range === undefined ? '' : `-${instantName(range.start)}-${instantName(range.end)}`;
  return `${subject}-${safeName(orgId)}${time}${part}.${extension}`;
}

/** An org in the characters of a name. Different orgs may become equal. */
export function safeName(orgId: string): string {
  return orgId
    .replaceAll(/[^A-Za-z0-9._-]/g, '_')
    .replace(/^[.-]/, '_')
    .slice(0, 60);
}

/** `20261103T140000Z`: colons are not allowed in names on every system. */
export function instantName(millis: number): string {
  return timeText(new Date(millis)).replaceAll(/[-:]/g, '');
}
