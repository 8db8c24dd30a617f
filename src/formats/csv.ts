import { pipeline } from 'node:stream';
import { CsvError, type InfoRecord, parse } from 'csv-parse';
import { CodedError } from '../errors.ts';
import { readSeparatorLine } from './file-text.ts';
import { LongLines } from './long-lines.ts';
import { columnName, type ImportRow, MAX_ROW_BYTES } from './row.ts';

interface ParsedRecord {
  record: string[];
  info: InfoRecord;
  raw: string;
}

export interface CsvOptions {
  /** Columns that the file must have. */
  needed: readonly string[];
  /**
   * The delimiter of columns. Without one it is the delimiter of a first line such as `sep=;`, else a comma, and a first
   * row with another delimiter is refused.
   */
  delimiter: string | undefined;
  /** Called with the columns before the first row; a column without a name is empty. */
  onColumns?(columns: readonly string[]): void;
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

/**
 * The rows of a CSV file (RFC 4180) in UTF-8 whose first row names the columns. Any line ends, a byte order mark and a
 * missing last line end are fine. Spaces around cells and around their quotes are dropped, and an empty cell is absent.
 * Empty cells after the last column are dropped too. A row that is too long, is not UTF-8, or has too many or too few
 * cells comes with its fault in place of cells.
 * @throws {CodedError} `invalid_request` for a quote that is never closed, for two columns of one name, for another
 *   delimiter, and when one of the `needed` columns is missing
 */
export async function* csvRows(file: AsyncIterable<Buffer>, options: CsvOptions): AsyncGenerator<ImportRow> {
  const { delimiter: named, chunks: text } = await readSeparatorLine(file);
  const delimiter = options.delimiter ?? named;
  const parser = parse({
    delimiter: delimiter ?? ',',
    ltrim: true,
    bom: true,
    info: true,
    raw: true,
    skip_empty_lines: true,
    relax_column_count: true,
    relax_quotes: true,
    max_record_size: MAX_ROW_BYTES,
  });
  const longLines = new LongLines(MAX_ROW_BYTES);
  // The pipeline passes errors of the file to the parser, and the loop below throws them.
  pipeline(
    text,
    (chunks: AsyncIterable<Buffer>) => longLines.shorten(chunks),
    parser,
    () => {},
  );
  let columns: readonly string[] | undefined;
  // The parser counts a CRLF inside quotes as two line ends.
  let countedTwice = 0;
  const linesBefore = named === undefined ? 0 : 1;
  let line = 1;
  try {
    for await (const { record, info, raw } of parser as AsyncIterable<ParsedRecord>) {
      if (raw.includes('"')) for (const cell of record) countedTwice += count(cell, '\r\n');
      line = linesBefore + info.lines - countedTwice;
      const row = raw.replace(/^[\r\n]+|[\r\n]+$/g, '');
      const beginning = longLines.beginningIn(row);
      if (columns) {
        if (beginning !== undefined) yield { line, raw: beginning, cells: `the row has ${TOO_LONG}` };
        else if (row.includes(REPLACEMENT)) yield { line, raw: row, cells: 'the row is not UTF-8' };
        else yield { line, raw: row, cells: cellsOf(record, columns) };
      } else if (beginning === undefined) {
        columns = readHeader(record, { ...options, delimiter });
        options.onColumns?.(columns);
      } else throw new CodedError('invalid_request', `the first row has ${TOO_LONG}`);
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new CodedError('invalid_request', detailOf(error, line), { cause: error });
  }
}

/** What the parser leaves in place of bytes that are not UTF-8. */
const REPLACEMENT = '\uFFFD';
const TOO_LONG = `a line longer than ${MAX_ROW_BYTES} bytes`;

/** Why nothing can be read after a line. Only a quote makes a row of many lines. */
function detailOf(error: CsvError, line: number): string {
  if (error.code === 'CSV_QUOTE_NOT_CLOSED')
    return `the row after line ${line} does not end: a quote is opened and never closed`;
  if (error.code === 'CSV_MAX_RECORD_SIZE')
    return `the row after line ${line} does not end within ${MAX_ROW_BYTES} bytes: a quote is opened and not closed there`;
  return error.message;
}

/** Other delimiters, and what people call them. */
const OTHER_DELIMITERS = [
  [';', 'semicolons'],
  ['\t', 'tabs'],
  ['|', 'bars'],
] as const;
const SHOWN_OF_COLUMN = 200;

function readHeader(record: readonly string[], { needed, delimiter }: CsvOptions): readonly string[] {
  const columns = record.map((cell) => columnName(cellOf(cell)));
  const [only] = columns;
  const other = OTHER_DELIMITERS.find(([character]) => only?.includes(character));
  if (columns.length === 1 && other && delimiter === undefined) {
    const detail = `the first row is one column, "${only?.slice(0, SHOWN_OF_COLUMN)}"; if ${other[1]} separate the columns, name them with --delimiter`;
    throw new CodedError('invalid_request', detail);
  }
  const twice = columns.find((column, index) => column !== '' && columns.indexOf(column) !== index);
  if (twice !== undefined) throw new CodedError('invalid_request', `two columns are called "${twice}"`);
  const missing = needed.find((column) => !columns.includes(columnName(column)));
  if (missing !== undefined) {
    throw new CodedError(
      'invalid_request',
      `there is no column "${missing}"; the columns are ${columns.join(', ')}`,
    );
  }
  return columns;
}

function cellsOf(record: readonly string[], columns: readonly string[]): ImportRow['cells'] {
  const cells: Record<string, unknown> = {};
  for (const [index, column] of columns.entries()) {
    const text = record[index];
    if (text === undefined && column !== '') return wrongLength(record, columns);
    const cell = cellOf(text ?? '');
    if (column !== '' && cell !== '') cells[column] = cell;
  }
  const isWhole = record.slice(columns.length).every((text) => text.trim() === '');
  return isWhole ? cells : wrongLength(record, columns);
}

function wrongLength(record: readonly string[], columns: readonly string[]): string {
  return `the row has ${record.length} cells; the file has ${columns.length} columns`;
}

/** A quote that spaces follow does not end a cell for the parser, which leaves the quotes of such a cell. */
function cellOf(text: string): string {
  const [, quoted] = /^"(.*)"\s+$/s.exec(text) ?? [];
  return (quoted ?? text).trim();
}
