/**
 * CSV as RFC 4180 has it: a header, CRLF after each line, UTF-8. Null is an empty cell, and the empty text is `""`.
 */
import { type Cell, type Cells, type Column, numberText, timeText } from './columns.ts';

interface CsvOptions {
  /**
   * Puts an apostrophe before a text that a spreadsheet would take for a formula ("CSV Injection", OWASP). Numbers are
   * never touched. Without it, texts are written as they are stored.
   */
  protectFormulas: boolean;
}

/** Writes the lines of one file. Each line ends with CRLF. */
export interface CsvLines {
  header: string;
  line(row: Cells): string;
}

/** Excel takes a file for UTF-8 only if it begins with this. */
export const BYTE_ORDER_MARK = '\uFEFF';

const LINE_END = '\r\n';
/** Spreadsheets also read the full-width forms of = + - @ as the start of a formula. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;
const NEEDS_QUOTES = /[",\r\n]/;

/** The lines of a file with these columns. */
export function csvLines(columns: readonly Column[], { protectFormulas }: CsvOptions): CsvLines {
  const writers = columns.map(({ type }) => writerOf(type, protectFormulas));
  return {
    header: columns.map(({ name }) => quoted(name)).join(',') + LINE_END,
    line(row) {
      let line = '';
      for (let at = 0; at < writers.length; at++) {
        const cell = row[at] ?? null;
        if (at > 0) line += ',';
        if (cell !== null) line += (writers[at] as CellWriter)(cell);
      }
      return line + LINE_END;
    },
  };
}

type CellWriter = (cell: Cell) => string;

function writerOf(type: Column['type'], protectFormulas: boolean): CellWriter {
  switch (type) {
    case 'text':
      return protectFormulas
        ? (cell) => quoted(withoutFormula(String(cell)))
        : (cell) => quoted(String(cell));
    case 'json':
      return (cell) => quoted(String(cell));
    case 'time':
      return timeText;
    case 'integer':
    case 'decimal':
      return numberText;
    case 'boolean':
      return String;
  }
}

function withoutFormula(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

function quoted(text: string): string {
  if (text === '') return '""';
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
