import { isUtf8 } from 'node:buffer';
import { MAX_ROW_BYTES } from './row.ts';

const LINE_FEED = 0x0a;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
/** Characters that are kept of a line that is too long. */
const BEGINNING = 1_000;
/** The most bytes that UTF-8 takes for one UTF-16 unit. */
const UTF8_MAX = 3;

/** A line that cannot be read as text. */
export interface UnreadableLine {
  /** Goes on after "the line": "is not UTF-8". */
  fault: string;
  /** The line as it can be shown; only its beginning when it is too long. */
  shown: string;
}

const IS_TOO_LONG = `is longer than ${MAX_ROW_BYTES} bytes`;

/** The lines of bytes that are all there, without line feeds and byte order mark. */
export function linesIn(bytes: Buffer): Generator<string | UnreadableLine> {
  return splitLines(withoutByteOrderMark(bytes));
}

/**
 * The same of bytes that come in chunks. It holds one chunk and one line at most, and drops the rest of a line that is
 * too long as it comes.
 */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string | UnreadableLine> {
  let isFirst = true;
  /** The line that has not ended yet, up to a byte more than a line may have. */
  let parts: Buffer[] = [];
  let kept = 0;
  const keep = (part: Buffer): void => {
    const some = part.subarray(0, MAX_ROW_BYTES + 1 - kept);
    if (some.length === 0) return;
    parts.push(some);
    kept += some.length;
  };
  const take = (more: Buffer[]): Buffer => {
    const bytes = Buffer.concat([...parts, ...more]);
    [parts, kept] = [[], 0];
    if (!isFirst) return bytes;
    isFirst = false;
    return withoutByteOrderMark(bytes);
  };
  for await (const chunk of chunks) {
    const first = chunk.indexOf(LINE_FEED);
    if (first === -1) {
      keep(chunk);
      continue;
    }
    keep(chunk.subarray(0, first));
    const last = chunk.lastIndexOf(LINE_FEED);
    yield* splitLines(take([chunk.subarray(first, last)]));
    keep(chunk.subarray(last + 1));
  }
  if (kept > 0) yield* splitLines(take([]));
}

function withoutByteOrderMark(bytes: Buffer): Buffer {
  const { length } = BYTE_ORDER_MARK;
  return bytes.subarray(0, length).equals(BYTE_ORDER_MARK) ? bytes.subarray(length) : bytes;
}

function* splitLines(bytes: Buffer): Generator<string | UnreadableLine> {
  // All at once is several times as fast as line by line, and nearly all that comes is UTF-8.
  if (isUtf8(bytes)) {
    for (const line of bytes.toString('utf8').split('\n')) {
      yield isTooLong(line) ? { fault: IS_TOO_LONG, shown: line.slice(0, BEGINNING) } : line;
    }
    return;
  }
  for (let start = 0; start <= bytes.length; ) {
    const feed = bytes.indexOf(LINE_FEED, start);
    const end = feed === -1 ? bytes.length : feed;
    yield readLine(bytes.subarray(start, end));
    start = end + 1;
  }
}

function isTooLong(line: string): boolean {
  if (line.length * UTF8_MAX <= MAX_ROW_BYTES) return false;
  return Buffer.byteLength(line) > MAX_ROW_BYTES;
}

function readLine(line: Buffer): string | UnreadableLine {
  if (line.length > MAX_ROW_BYTES) return { fault: IS_TOO_LONG, shown: line.toString('utf8', 0, BEGINNING) };
  const text = line.toString('utf8');
  return isUtf8(line) ? text : { fault: 'is not UTF-8', shown: text };
}
