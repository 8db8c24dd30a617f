const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** `[` and `{` have this in common, and `]` and `}` the next, once their sixth bit is set. */
const OPENING = 0x7b;
const CLOSING = 0x7d;
const SIXTH_BIT = 0x20;

/**
 * Whether a text that should be JSON opens more levels inside of each other than `most`. Takes as long as parsing
 * it, so texts that are too short for that many are not looked at.
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
