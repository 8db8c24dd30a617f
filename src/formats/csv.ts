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
  /** Columns that must be there. */
  needed: readonly string[];
  /** What separates columns; a comma unless given, and then a first row that looks otherwise is refused. */
  delimiter: string | undefined;
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

/**
 * The rows of a CSV file (RFC 4180) whose first row names the columns; any line ends, a byte order mark and a
 * missing last line end are fine. An empty cell is absent. A row that is too long, or has too many or too few cells,
 * is told apart.
 * @throws {CodedError} `invalid_request` for a quote that is never closed, for columns of the same name or another
 *   delimiter, and when one of the `needed` columns is not there
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
  // Passes errors of the file on to the parser, where the loop below meets them.
  pipeline(
    file,
    (chunks: AsyncIterable<Buffer>) => longLines.shorten(chunks),
    parser,
    () => {},
  );
  let columns: readonly string[] | undefined;
  // The parser counts CRLF within quotes as two line ends.
  let countedTwice = 0;
  let line = 1;
  try {
    for await (const { record, info, raw } of parser as AsyncIterable<ParsedRecord>) {
      if (raw.includes('"')) for (const cell of record) countedTwice += count(cell, '\r\n');
      line = info.lines - countedTwice;
      const row = raw.replace(/^[\r\n]+|[\r\n]+$/g, '');
      const beginning = longLines.beginningIn(row);
      if (columns) {
        const cells = beginning === undefined ? cellsOf(record, columns) : `the row has ${TOO_LONG}`;
        yield { line, raw: beginning ?? row, cells };
      } else if (beginning === undefined) columns = readHeader(record, { needed, delimiter });
      else throw new CodedError('invalid_request', `the first row has ${TOO_LONG}`);
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new CodedError('invalid_request', detailOf(error, line), { cause: error });
  }
}

const TOO_LONG = `a line longer than ${MAX_ROW_BYTES} bytes`;

/** Why the file cannot be read on after a line. Only a quote makes a row of many lines. */
function detailOf(error: CsvError, line: number): string {
  if (error.code === 'CSV_QUOTE_NOT_CLOSED')
    return `the row after line ${line} does not end: a quote is opened and never closed`;
  if (error.code === 'CSV_MAX_RECORD_SIZE')
    return `the row after line ${line} does not end within ${MAX_ROW_BYTES} bytes: a quote is opened, and not closed there`;
  return error.message;
}

/** What separates columns where it is not a comma, as people call it. */
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
    const detail = `the first row is one column, "${only?.slice(0, SHOWN_OF_COLUMN)}": where ${other[1]} separate the columns, say so (--delimiter)`;
    throw new CodedError('invalid_request', detail);
  }
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  if (twice !== undefined) throw new CodedError('invalid_request', `two columns are called "${twice}"`);
  const missing = needed.find((column) => !columns.includes(column));
  if (missing !== undefined) {
    throw new CodedError(
      'invalid_request',
      `there is no column "${missing}"; there are ${columns.join(', ')}`,
    );
  }
  return columns;
}

function cellsOf(record: readonly string[], columns: readonly string[]): ImportRow['cells'] {
  if (record.length !== columns.length)
    return `the row has ${record.length} cells, and there are ${columns.length} columns`;
  const cells: Record<string, unknown> = {};
  for (const [index, column] of columns.entries()) if (record[index] !== '') cells[column] = record[index];
  return cells;
}
