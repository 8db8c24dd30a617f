/** One JSON object a line, ended by a line feed: the rows of a file for programs. */
import { type Cell, type Cells, type Column, timeText } from './columns.ts';

/**
 * Writes the lines of one file. A cell has the JSON type of its value, so a decimal that is given as text stays text: it
 * may have more digits than the numbers of a reader. A `bigint` is written with all its digits.
 */
export function ndjsonLines(columns: readonly Column[]): (row: Cells) => string {
  const names = columns.map(({ name }, at) => `${at === 0 ? '{' : ','}${JSON.stringify(name)}:`);
  return (row) => {
    let line = '';
    for (let at = 0; at < names.length; at++)
      line += names[at] + valueText(row[at] ?? null, columns[at]?.type);
    return `${line}}\n`;
  };
}

function valueText(cell: Cell, type: Column['type'] | undefined): string {
  if (cell === null) return 'null';
  if (type === 'json' || typeof cell === 'bigint') return String(cell);
  if (type === 'time') return `"${timeText(cell)}"`;
  return JSON.stringify(cell);
}
