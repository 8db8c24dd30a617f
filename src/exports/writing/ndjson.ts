/** One JSON object a line, ended by a line feed: the rows of a file for programs. */
import { type Cell, type Cells, type Column, timeText } from './columns.ts';

/**
 * Writes the lines of one file. A cell has the JSON type of its value, so a decimal that is given as text stays text: it
 * may have more digits than the numbers of a reader. A `bigint` is written with all its digits.
 */
export function ndjsonLines(columns: readonly Column[]): (row: Cells) => string {
  const names = nameTexts(columns);
  return (row) => {
    let line = '';
    for (let at = 0; at < names.length; at++)
      line += names[at] + valueText(row[at] ?? null, columns[at]?.type);
    return `${line}}\n`;
  };
}

function nameTexts(columns: readonly Column[]): string[] {
  return columns.map(({ name }, at) => `${at === 0 ? '{' : ','}${JSON.stringify(name)}:`);
}

function valueText(cell: Cell, type: Column['type'] | undefined): string {
  if (cell === null) return 'null';
  if (type === 'json' || typeof cell === 'bigint') return String(cell);
  if (type === 'time') return `"${timeText(cell)}"`;
  return JSON.stringify(cell);
}

/** The same lines, from cells as PostgreSQL writes them into CSV. */
export interface TextLines {
  /** Adds a cell to the line, from the first column on. */
  add(column: number, cell: string | null): void;
  endRow(): void;
  /** @returns the lines that have ended since the last call */
  take(): string;
}

export function ndjsonTextLines(columns: readonly Column[]): TextLines {
  const names = nameTexts(columns);
  const readers = columns.map(textReader);
  let lines = '';
  return {
    add(column, cell) {
      const name = names[column] as string;
      lines += cell === null ? `${name}null` : name + (readers[column] as (cell: string) => string)(cell);
    },
    endRow() {
      lines += '}\n';
    },
    take() {
      const taken = lines;
      lines = '';
      return taken;
    },
  };
}

/** Gives the value of a cell as JSON. */
function textReader({ type, isExact }: Column): (cell: string) => string {
  switch (type) {
    case 'text':
      return (cell) => JSON.stringify(cell);
    case 'time':
      return (cell) => `"${cell}"`;
    case 'integer':
      return (cell) => cell;
    case 'decimal':
      return isExact ? (cell) => `"${cell}"` : (cell) => String(Number(cell));
    case 'boolean':
      return (cell) => (cell === 't' || cell === 'true' ? 'true' : 'false');
    case 'json':
      // PostgreSQL writes spaces.
      return (cell) => JSON.stringify(JSON.parse(cell));
  }
}
