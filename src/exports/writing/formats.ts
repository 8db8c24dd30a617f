import type { Transform } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { ExportFormat } from '../request.ts';
import { CrlfLines } from './crlf.ts';
import { BYTE_ORDER_MARK, csvLines } from './csv.ts';
import { encodeInThread } from './encode-in-thread.ts';
import type { RowEncoder } from './file-writer.ts';
import type { LineEncoder } from './line-encoder.ts';
import { ndjsonLines } from './ndjson.ts';
import { parquetEncoder } from './parquet.ts';
import type { ExportColumn } from './totals.ts';

export interface EncodingOptions {
  bom: boolean;
  raw: boolean;
}

/** How a format of files is made. */
interface Format {
  contentType: string;
  encoder(columns: readonly ExportColumn[], options: EncodingOptions): Promise<RowEncoder>;
  compressor?(): Transform;
  /** Makes the file from lines of CSV, which the database writes faster than rows. */
  fromLines?(columns: readonly ExportColumn[]): LineEncoder;
  /** Whether texts that look like formulas are protected, unless the request says otherwise. */
  isForSpreadsheets?: true;
}

/** The file is written once and read seldom. Level 4 takes half the time of the usual 6, for some percent more bytes. */
const GZIP_LEVEL = 4;

function gzip(): Transform {
  return createGzip({ level: GZIP_LEVEL });
}

const csv = {
  encoder: csvEncoder,
  fromLines: () => new CrlfLines(),
  isForSpreadsheets: true,
} as const;

export const formats: Readonly<Record<ExportFormat, Format>> = {
  csv: { ...csv, contentType: 'text/csv; charset=utf-8' },
  'csv.gz': { ...csv, contentType: 'application/gzip', compressor: gzip },
  'ndjson.gz': {
    contentType: 'application/gzip',
    encoder: ndjsonEncoder,
    compressor: gzip,
    fromLines: (columns) => encodeInThread('ndjson', columns),
  },
  parquet: {
    contentType: 'application/vnd.apache.parquet',
    encoder: parquetEncoder,
    fromLines: (columns) => encodeInThread('parquet', columns),
  },
};

async function csvEncoder(
  columns: readonly ExportColumn[],
  { bom, raw }: EncodingOptions,
): Promise<RowEncoder> {
  const { header, line } = csvLines(columns, { protectFormulas: !raw });
  return {
    header: bom ? BYTE_ORDER_MARK + header : header,
    encode: (rows) => rows.map(line).join(''),
  };
}

async function ndjsonEncoder(columns: readonly ExportColumn[]): Promise<RowEncoder> {
  const line = ndjsonLines(columns);
  return { header: '', encode: (rows) => rows.map(line).join('') };
}
