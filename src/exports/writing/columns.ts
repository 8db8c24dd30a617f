/**
 * What a column of a file holds. `decimal` has digits after the point, `time` is a moment in UTC, and `json` is the text
 * of a JSON value.
 */
type ColumnType = 'text' | 'integer' | 'decimal' | 'time' | 'boolean' | 'json';

/** A column of a file. */
export interface Column {
  name: string;
  type: ColumnType;
  /** Its decimals are given as text, because they may have more digits than a number. */
  isExact?: true;
}

/**
 * A value of a row. An amount that needs more digits than a number has is text (`decimal`) or a `bigint`. A time is a
 * `Date`, or ISO 8601 text in UTC.
 */
export type Cell = string | number | bigint | boolean | Date | null;

/** The values of a row, in the order of the columns. */
export type Cells = readonly Cell[];

/** A moment as ISO 8601 in UTC, without zeros at the end of its fraction: `2026-11-03T14:00:00Z`. */
export function timeText(value: Cell): string {
  const text = value instanceof Date ? value.toISOString() : String(value);
  const point = text.indexOf('.');
  if (point === -1) return text;
  const fraction = text.slice(point, -1).replace(/\.?0+$/, '');
  return `${text.slice(0, point)}${fraction}Z`;
}

/**
 * The digits of a number, never with an exponent.
 * @throws {RangeError} for NaN and the infinities, which no file of figures may hold
 */
export function numberText(value: Cell): string {
  if (typeof value !== 'number') return String(value);
  if (!Number.isFinite(value)) throw new RangeError(`${value} is not a number for a file`);
  const text = String(value);
  if (!text.includes('e')) return text;
  return Number.isInteger(value) ? BigInt(value).toString() : value.toFixed(20).replace(/\.?0+$/, '');
}
