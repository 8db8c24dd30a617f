import { CodedError } from '../errors.ts';
import { MAX_EVENTS } from '../events/max-events.ts';
import { refuseTooMany } from './decoded-events.ts';

const LINE_FEED = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
/** With the sixth bit set, `[` and `{` are both `OPENING`, and `]` and `}` are both `CLOSING`. */
const OPENING = 0x7b;
const CLOSING = 0x7d;
const SIXTH_BIT = 0x20;
const SPACE = 0x20;

/**
 * The most values in a body: fields, elements, objects and arrays. A field of an event takes more than ten bytes, so 10 MB
 * of events hold fewer.
 */
const MAX_VALUES = 2_000_000;
/** A shorter body is parsed in some tens of milliseconds, whatever it holds. */
const ALWAYS_SMALL_BYTES = 1_000_000;

export interface JsonSize {
  /** Elements of the outermost array, or fields of the outermost object. */
  elements: number;
  /** Commas, objects and arrays, at any depth. */
  values: number;
}

/**
 * Measures what should be JSON, or lines of JSON, without parsing it, in a tenth of the time that parsing takes. It stops when one of the
 * limits is exceeded.
 */
export function measureJson(bytes: Uint8Array, mostElements = Infinity, mostValues = Infinity): JsonSize {
  let depth = 0;
  let isEmpty = true;
  let elements = 0;
  let values = 0;
  const strings = new StringEnds(bytes);
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte <= SPACE) continue;
    const isClosing = (byte | SIXTH_BIT) === CLOSING;
    if (depth === 1 && isEmpty && !isClosing) {
      isEmpty = false;
      elements++;
    }
    if (byte === QUOTE) at = strings.endFrom(at + 1);
    else if (byte === COMMA) {
      values++;
      if (depth === 1) elements++;
    } else if ((byte | SIXTH_BIT) === OPENING) {
      values++;
      depth++;
    } else if (isClosing) depth--;
    if (elements > mostElements || values > mostValues) break;
  }
  return { elements, values };
}

/** So many bytes of a string are looked at one by one, before its end is searched for. */
const LOOKED_AT = 32;

/** Finds the ends of strings. Prompts are long, and the search of the runtime is many times as fast as a loop. */
class StringEnds {
  readonly #bytes: Uint8Array;
  /** The first line feed that is not passed. */
  #lineFeed = -1;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /**
   * The place of the quote that ends a string, or of a line feed in it; the length of the bytes if there is neither. No
   * string of JSON holds a line feed, so a line that is not JSON hides nothing of the next one.
   * @param start of what is in the string
   */
  endFrom(start: number): number {
    const bytes = this.#bytes;
    let at = start;
    for (;;) {
      for (const last = Math.min(at + LOOKED_AT, bytes.length); at < last; at++) {
        const byte = bytes[at];
        if (byte === QUOTE || byte === LINE_FEED) return at;
        if (byte === BACKSLASH) at++;
      }
      if (at >= bytes.length) return bytes.length;
      const found = this.#quoteOrLineFeed(at);
      if (bytes[found] !== QUOTE || !isEscaped(bytes, found, at)) return found;
      at = found + 1;
    }
  }

  #quoteOrLineFeed(from: number): number {
    if (this.#lineFeed < from) this.#lineFeed = this.#find(LINE_FEED, from);
    return Math.min(this.#lineFeed, this.#find(QUOTE, from));
  }

  #find(byte: number, from: number): number {
    const found = this.#bytes.indexOf(byte, from);
    return found < 0 ? this.#bytes.length : found;
  }
}

/** Whether an odd number of backslashes is before a quote. @param from a place that none of them is before */
function isEscaped(bytes: Uint8Array, quote: number, from: number): boolean {
  let before = quote - 1;
  while (before >= from && bytes[before] === BACKSLASH) before--;
  return (quote - 1 - before) % 2 === 1;
}

/**
 * Refuses a body of JSON, or of lines of JSON, that holds too much, before it is parsed: 10 MB of `{}` block the process
 * for half a second.
 * @param isList it should be one array of events
 * @throws {CodedError} `too_large`
 */
export function refuseTooMuchJson(body: Buffer, { isList = false } = {}): void {
  if (body.length <= ALWAYS_SMALL_BYTES) return;
  const isArray = isList && body.subarray(0, 1_000).toString('latin1').trimStart().startsWith('[');
  const { elements, values } = measureJson(body, isArray ? MAX_EVENTS : Infinity, MAX_VALUES);
  if (isArray) refuseTooMany(elements);
  if (values <= MAX_VALUES) return;
  throw new CodedError('too_large', `The body holds more than ${MAX_VALUES} JSON values.`, {
    faults: [{ path: '$', message: `must hold ${MAX_VALUES} values or fewer` }],
  });
}
