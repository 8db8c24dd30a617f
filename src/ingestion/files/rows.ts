import { createReadStream } from 'node:fs';
import { type CsvOptions, csvRows } from '../../formats/csv.ts';
import { ndjsonRows } from '../../formats/ndjson.ts';
import type { ImportRow } from '../../formats/row.ts';

export const importFormats = ['csv', 'ndjson'] as const;
export type ImportFormat = (typeof importFormats)[number];

/** What a decoder leaves in place of bytes that are no UTF-8. */
const REPLACEMENT = '\uFFFD';

export interface RowSource {
  rows: AsyncIterable<ImportRow>;
  /** Bytes of the file read so far. */
  bytesRead(): number;
}

/**
 * The rows of a file, one after another, blank lines left out. Holds no more than a few rows at a time.
 * Iterating throws when the file cannot be read, and `invalid_request` when its structure is broken.
 */
export function openRows(path: string, format: ImportFormat, csv: CsvOptions): RowSource {
  const file = createReadStream(path);
  const rows = format === 'csv' ? csvRows(file, csv) : ndjsonRows(file);
  return { rows: refuseOtherEncodings(rows), bytesRead: () => file.bytesRead };
}

async function* refuseOtherEncodings(rows: AsyncIterable<ImportRow>): AsyncGenerator<ImportRow> {
  for await (const row of rows) {
    const isFoul = typeof row.cells !== 'string' && row.raw.includes(REPLACEMENT);
    yield isFoul ? { ...row, cells: 'the row is not UTF-8' } : row;
  }
}
