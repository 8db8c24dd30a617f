const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** With the sixth bit set, `[` and `{` are both `OPENING`, and `]` and `}` are both `CLOSING`. */
const OPENING = 0x7b;
const CLOSING = 0x7d;
const SIXTH_BIT = 0x20;
/** So many characters of a string are looked at one by one, before its end is searched for. */
const LOOKED_AT = 32;

/**
 * Whether a text that should be JSON is nested deeper than `most` levels. The search takes as long as parsing, so it
 * skips a text that is too short to be nested so deep.
 */
export function isNestedDeeper(text: string, most: number): boolean {
  if (text.length <= most) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) at = endOfString(text, at + 1);
    else if ((unit | SIXTH_BIT) === OPENING) {
      if (++depth > most) return true;
    } else if ((unit | SIXTH_BIT) === CLOSING) depth--;
  }
  return false;
}

/**
 * The place of the quote that ends a string, or the length of the text. Prompts are long, and the search of the runtime is
 * many times as fast as a loop.
 */
function endOfString(text: string, start: number): number {
  let at = start;
  for (;;) {
    for (const last = Math.min(at + LOOKED_AT, text.length); at < last; at++) {
      const unit = text.charCodeAt(at);
      if (unit === QUOTE) return at;
      if (unit === BACKSLASH) at++;
    }
    const found = text.indexOf('"', at);
    if (found < 0) return text.length;
    let before = found - 1;
    while (before >= at && text.charCodeAt(before) === BACKSLASH) before--;
    if ((found - 1 - before) % 2 === 0) return found;
    at = found + 1;
  }
}
