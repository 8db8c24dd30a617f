/** Control characters, line and paragraph separators, and the characters that change the direction of a text. */
const HIDDEN = /[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/** Whether PostgreSQL can store a text: it has neither NUL nor half of a surrogate pair. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/**
 * Shows characters that a terminal obeys instead of showing them, such as `\u001b` and `\u202e`. Line feeds stay if the
 * text may have several lines.
 */
export function showHidden(text: string, { lines = false } = {}): string {
  return text.replaceAll(HIDDEN, (found) => (lines && found === '\n' ? found : escaped(found)));
}

/** Removes such characters, for people who cannot do anything with their codes. A space replaces each, but not a direction. */
export function withoutHidden(text: string): string {
  return text.replaceAll(HIDDEN, (found) => {
    if (found === '\n') return found;
    return /[\p{Cc}\p{Zl}\p{Zp}]/u.test(found) ? ' ' : '';
  });
}

/** The JSON escape of a character. */
export function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
