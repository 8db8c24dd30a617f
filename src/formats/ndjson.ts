import type { Readable } from 'node:stream';
import { isObject } from '../events/reading.ts';
import { type ImportRow, MAX_ROW_BYTES } from './row.ts';

const LINE_FEED = 0x0a;
const SHOWN_OF_LONG_LINE = 1_000;

interface Line {
  number: number;
  text: string;
  tooLong: boolean;
}

/** The rows of a file with one JSON object a line. A line that is none is told apart. */
export async function* ndjsonRows(file: Readable): AsyncGenerator<ImportRow> {
  for await (const { number, text, tooLong } of linesOf(file)) {
    const raw = text.trim();
    if (raw === '') continue;
    yield {
      line: number,
      raw,
      cells: tooLong ? `the line is longer than ${MAX_ROW_BYTES} bytes` : parseObject(raw),
    };
  }
}

function parseObject(text: string): ImportRow['cells'] {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : 'the line is not a JSON object';
  } catch (error) {
    return `the line is not JSON: ${(error as Error).message}`;
  }
}

/** Lines without their ends, and without a byte order mark. Of a line that is too long, the beginning. */
async function* linesOf(file: Readable): AsyncGenerator<Line> {
  let parts: Buffer[] = [];
  let bytes = 0;
  let number = 1;
  const take = (): Line => {
    const tooLong = bytes > MAX_ROW_BYTES;
    const line = Buffer.concat(parts);
    const text = tooLong ? line.toString('utf8', 0, SHOWN_OF_LONG_LINE) : line.toString('utf8');
    [parts, bytes] = [[], 0];
    return { number, text: number++ === 1 ? text.replace(/^\uFEFF/, '') : text, tooLong };
  };
  const add = (part: Buffer): void => {
    if (bytes <= MAX_ROW_BYTES) parts.push(part);
    bytes += part.length;
  };
  for await (const chunk of file as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      add(chunk.subarray(start, end));
      yield take();
      start = end + 1;
    }
    if (start < chunk.length) add(chunk.subarray(start));
  }
  if (bytes > 0) yield take();
}
