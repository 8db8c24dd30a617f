import type { UnusedColumn } from '../../formats/row-mapping.ts';
import type { IngestResult } from '../ingest.ts';

export type ImportCounts = Omit<IngestResult, 'errors' | 'warnings'>;

/** A row that was not stored, and why. */
export interface RefusedRow {
  line: number;
  code: string;
  reason: string;
  /** As it stands in the file. */
  row: string;
}

/** The most reasons that are counted: some quote the row, so a file may have any number of them. */
const MAX_REASONS = 1_000;

/** Counts the results of a file's rows. */
export class ImportTally {
  readonly counts: ImportCounts = { received: 0, stored: 0, duplicates: 0, conflicts: 0, rejected: 0 };
  /** The columns that no event takes a value from. */
  unusedColumns: readonly UnusedColumn[] = [];
  readonly #reasons = new Map<string, number>();

  add(counts: ImportCounts, refused: readonly RefusedRow[]): void {
    for (const name of Object.keys(this.counts) as (keyof ImportCounts)[]) this.counts[name] += counts[name];
    for (const { reason } of refused) {
      const rows = this.#reasons.get(reason);
      if (rows !== undefined || this.#reasons.size < MAX_REASONS) this.#reasons.set(reason, (rows ?? 0) + 1);
    }
  }

  /** The reasons for refusals, each with its number of rows; the most frequent first. */
  get reasons(): [reason: string, rows: number][] {
    return [...this.#reasons].sort(([, a], [, b]) => b - a);
  }
}
