import { pipeline, type Readable } from 'node:stream';
import { CsvError, type InfoRecord, parse } from 'csv-parse';
import { CodedError } from '../errors.ts';
import { LongLines } from './long-lines.ts';
import { type ImportRow, MAX_ROW_BYTES } from './row.ts';

interface ParsedRecord {
  record: string[];
  info: InfoRecord;
  raw: string;
}

export interface CsvOptions {
  /** Columns that the file must have. */
  needed: readonly string[];
  /** The delimiter of columns. Without one it is a comma, and a first row with another delimiter is refused. */
  delimiter: string | undefined;
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

/**
 * The rows of a CSV file (RFC 4180) whose first row names the columns. Any line ends, a byte order mark and a missing
 * last line end are fine. An empty cell is absent. A row that is too long, is not UTF-8, or has too many or too few
 * cells comes with its fault in place of cells.
 * @throws {CodedError} `invalid_request` for a quote that is never closed, for two columns of one name, for another
 *   delimiter, and when one of the `needed` columns is missing
 */
export async function* csvRows(file: Readable, { needed, delimiter }: CsvOptions): AsyncGenerator<ImportRow> {
  const parser = parse({
    delimiter: delimiter ?? ',',
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
    file,
    (chunks: AsyncIterable<Buffer>) => longLines.shorten(chunks),
    parser,
    () => {},
  );
  let columns: readonly string[] | undefined;
  // The parser counts a CRLF inside quotes as two line ends.
  let countedTwice = 0;
  let line = 1;
  try {
    for await (const { record, info, raw } of parser as AsyncIterable<ParsedRecord>) {
      if (raw.includes('"')) for (const cell of record) countedTwice += count(cell, '\r\n');
      line = info.lines - countedTwice;
      const row = raw.replace(/^[\r\n]+|[\r\n]+$/g, '');
      const beginning = longLines.beginningIn(row);
      if (columns) {
        if (beginning !== undefined) yield { line, raw: beginning, cells: `the row has ${TOO_LONG}` };
        else if (row.includes(REPLACEMENT)) yield { line, raw: row, cells: 'the row is not UTF-8' };
        else yield { line, raw: row, cells: cellsOf(record, columns) };
      } else if (beginning === undefined) columns = readHeader(record, { needed, delimiter });
      else throw new CodedError('invalid_request', `the first row has ${TOO_LONG}`);
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

function readHeader(columns: readonly string[], { needed, delimiter }: CsvOptions): readonly string[] {
  const [only] = columns;
  const other = OTHER_DELIMITERS.find(([character]) => only?.includes(character));
  if (columns.length === 1 && other && delimiter === undefined) {
    const detail = `the first row is one column, "${only?.slice(0, SHOWN_OF_COLUMN)}"; if ${other[1]} separate the columns, name them with --delimiter`;
    throw new CodedError('invalid_request', detail);
  }
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  if (twice !== undefined) throw new CodedError('invalid_request', `two columns are called "${twice}"`);
  const missing = needed.find((column) => !columns.includes(column));
  if (missing !== undefined) {
    throw new CodedError(
      'invalid_request',
      `there is no column "${missing}"; the columns are ${columns.join(', ')}`,
    );
  }
  return columns;
}

function cellsOf(record: readonly string[], columns: readonly string[]): ImportRow['cells'] {
  if (record.length !== columns.length)
    return `the row has ${record.length} cells; the file has ${columns.length} columns`;
  const cells: Record<string, unknown> = {};
  for (const [index, column] of columns.entries()) if (record[index] !== '') cells[column] = record[index];
  return cells;
}
