import { showHidden } from '../plain-text.ts';

/** A column of a printed table. */
export interface Column {
  title: string;
  /** Text is aligned left, numbers right. */
  align?: 'left' | 'right';
}

/** Formats a number with separators: `1,234,567.9`. */
export function formatNumber(value: number, decimals = 0): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** Formats rows under their titles, aligned. Each line ends with a line feed. */
export function formatTable(columns: readonly Column[], given: readonly (readonly string[])[]): string {
  const rows = given.map((row) => row.map((cell) => showHidden(cell)));
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...rows.map((row) => (row[index] ?? '').length)),
  );
  const line = (cells: readonly string[]) =>
    columns
      .map(({ align }, index) => {
        const cell = cells[index] ?? '';
        const width = widths[index] ?? 0;
        return align === 'right' ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width));
  return [columns.map(({ title }) => title), rule, ...rows].map((cells) => `  ${line(cells)}\n`).join('');
}

/** Formats names and values, one pair a line, with numbers aligned right. */
export function formatPairs(pairs: readonly (readonly [string, string | number])[]): string {
  const width = Math.max(...pairs.map(([name]) => name.length));
  const shown = pairs.map(([name, value]) => ({
    name,
    value,
    text: typeof value === 'number' ? formatNumber(value) : showHidden(value),
  }));
  const digits = Math.max(
    0,
    ...shown.filter(({ value }) => typeof value === 'number').map(({ text }) => text.length),
  );
  return shown
    .map(
      ({ name, value, text }) =>
        `  ${name.padEnd(width)}  ${typeof value === 'number' ? text.padStart(digits) : text}\n`,
    )
    .join('');
}
