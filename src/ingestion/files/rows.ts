import { createReadStream } from 'node:fs';
import { type CsvOptions, csvRows } from '../../formats/csv.ts';
import { utf8Of } from '../../formats/file-text.ts';
import { ndjsonRows } from '../../formats/ndjson.ts';
import type { ImportRow } from '../../formats/row.ts';

export const importFormats = ['csv', 'ndjson'] as const;
export type ImportFormat = (typeof importFormats)[number];

export interface RowSource {
  rows: AsyncIterable<ImportRow>;
  /** Bytes of the file read so far. */
  bytesRead(): number;
}

/**
 * The rows of a file in UTF-8 or UTF-16 in order, without blank lines. A few rows at most are in memory at a time. The iteration throws
 * when the file cannot be read, and `invalid_request` when its structure is broken.
 */
export function openRows(path: string, format: ImportFormat, csv: CsvOptions): RowSource {
  const file = createReadStream(path);
  const rows = format === 'csv' ? csvRows(utf8Of(file), csv) : ndjsonRows(utf8Of(file));
  return { rows, bytesRead: () => file.bytesRead };
}
