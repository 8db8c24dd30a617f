import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CodedError } from '../../errors.ts';
import { type CallLogFormat, callLogs, isCallLog } from '../../formats/call-logs/call-logs.ts';
import { type CsvOptions, csvRows } from '../../formats/csv.ts';
import { joined, readAhead, utf8Of } from '../../formats/file-text.ts';
import { ndjsonRows } from '../../formats/ndjson.ts';
import type { ImportRow } from '../../formats/row.ts';

/** The formats of rows that are events, and the logs of other tools. */
export const importFormats = ['csv', 'ndjson', ...(Object.keys(callLogs) as CallLogFormat[])] as const;
export type ImportFormat = (typeof importFormats)[number];

export interface RowSource {
  rows: AsyncIterable<ImportRow>;
  /** Bytes of the file read so far. */
  bytesRead(): number;
}

const GZIP = Buffer.from([0x1f, 0x8b]);
const FIRST_BRACE = 0x7b;
/** Enough to see past a byte order mark and blanks. */
const TELLING = 64;

/**
 * The rows of a file in UTF-8 or UTF-16 in order, plain or gzip, without blank lines. A few rows at most are in memory at
 * a time. The iteration throws when the file cannot be read, and `invalid_request` when its structure is broken.
 */
export function openRows(path: string, format: ImportFormat, csv: CsvOptions): RowSource {
  const file = createReadStream(path);
  return { rows: rowsOf(utf8Of(unzipped(file)), format, csv), bytesRead: () => file.bytesRead };
}

async function* rowsOf(
  text: AsyncIterable<Buffer>,
  format: ImportFormat,
  csv: CsvOptions,
): AsyncGenerator<ImportRow> {
  if (format === 'csv') yield* csvRows(text, csv);
  else if (format === 'ndjson' || !isCallLog(format) || callLogs[format].rows === 'json')
    yield* ndjsonRows(text);
  else {
    const { first, rest } = await readAhead(text, (bytes) => bytes.length >= TELLING);
    const isJson = first.find((byte) => byte > 0x20 && byte < 0x80) === FIRST_BRACE;
    const all = joined(first, rest);
    if (isJson) yield* ndjsonRows(all);
    else yield* csvRows(all, csv);
  }
}

/** The bytes of a file that may be gzip, of one member or several. Its first bytes tell. */
async function* unzipped(file: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { first, rest } = await readAhead(file, (bytes) => bytes.length >= GZIP.length);
  const all = joined(first, rest);
  if (!first.subarray(0, GZIP.length).equals(GZIP)) {
    yield* all;
    return;
  }
  const gunzip = createGunzip();
  // The pipeline passes errors of the file on, and the loop below throws them.
  pipeline(all, gunzip, () => {});
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (!code.startsWith('Z_')) throw error;
    const detail = `the file is not whole gzip (${(error as Error).message}); rows before that are imported`;
    throw new CodedError('invalid_request', detail, { cause: error });
  }
}
