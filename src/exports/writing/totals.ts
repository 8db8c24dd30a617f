import { decimalUnits } from '../../decimal.ts';
import { type Cells, type Column, numberText } from './columns.ts';

/** A column of an exported file. A decimal says how many digits it has after the point, so that its sums are exact. */
export type ExportColumn = Column & {
  scale?: number;
  /** A sum over many events: up to 38 digits, where other decimals have 18. */
  isSum?: true;
  /** false: a sum of it would mean nothing, as of a status code. */
  total?: false;
};

/** The sum of each integer and decimal column over the rows that were written, by its name. */
export type Totals = Readonly<Record<string, bigint>>;

/** What was written to each file of a job. */
export interface Written {
  rows: number;
  totals: Totals;
}

/** Adds up the whole numbers and decimals of the rows that are written. */
export class TotalsOfRows {
  readonly #summed: { name: string; at: number; scale: number }[];
  readonly #sums: bigint[];
  rows = 0;

  constructor(columns: readonly ExportColumn[]) {
    this.#summed = columns.flatMap(({ name, type, scale = 0, total = true }, at) =>
      total && (type === 'integer' || (type === 'decimal' && scale > 0)) ? [{ name, at, scale }] : [],
    );
    this.#sums = this.#summed.map(() => 0n);
  }

  add(rows: readonly Cells[]): void {
    this.rows += rows.length;
    for (const [index, { at, scale }] of this.#summed.entries()) {
      let sum = this.#sums[index] ?? 0n;
      for (const row of rows) {
        const cell = row[at] ?? null;
        if (cell !== null) sum += typeof cell === 'bigint' ? cell : decimalUnits(numberText(cell), scale);
      }
      this.#sums[index] = sum;
    }
  }

  /** In units of the last digit of each column. */
  totals(): Totals {
    return Object.fromEntries(this.#summed.map(({ name }, index) => [name, this.#sums[index] ?? 0n]));
  }
}
