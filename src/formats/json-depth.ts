const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** With the sixth bit set, `[` and `{` are both `OPENING`, and `]` and `}` are both `CLOSING`. */
const OPENING = 0x7b;
const CLOSING = 0x7d;
const SIXTH_BIT = 0x20;

/**
 * Whether a text that should be JSON is nested deeper than `most` levels. The search takes as long as parsing, so it
 * skips a text that is too short to be nested so deep.
 */
export function isNestedDeeper(text: string, most: number): boolean {
  if (text.length <= most) return false;
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (inString) {
      if (unit === BACKSLASH) at++;
      else if (unit === QUOTE) inString = false;
    } else if (unit === QUOTE) inString = true;
    else if ((unit | SIXTH_BIT) === OPENING) {
      if (++depth > most) return true;
    } else if ((unit | SIXTH_BIT) === CLOSING) depth--;
  }
  return false;
}
