import { escaped } from '../plain-text.ts';

/** What JSON leaves as it is, and a terminal would obey: direction marks, DEL and the second set of control characters. */
const UNESCAPED = /[\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/g;
/** Escapes of control characters in JSON, apart from line feeds and tabs. The first alternative skips a backslash. */
const ESCAPES = /\\\\|\\u00[01][0-9a-f]|\\[bfr]/g;

/** Escapes in a line of JSON what a terminal would obey. It stays the same JSON. */
export function escapeLine(line: string): string {
  return line.replaceAll(UNESCAPED, escaped);
}

/** The same for a line that is formatted for people: they see the codes of all control characters. */
export function escapeLineForPeople(line: string): string {
  return line
    .replaceAll(ESCAPES, (found) => (found === '\\\\' ? found : `\\${found}`))
    .replaceAll(UNESCAPED, (found) => `\\${escaped(found)}`);
}
