import type { IngestResult } from '../ingest.ts';

export type ImportCounts = Omit<IngestResult, 'errors'>;

/** A row that was not stored, as it was, and why. */
export interface RefusedRow {
  line: number;
  code: string;
  reason: string;
  row: string;
}

/** Reasons that are told apart: some quote the row, and a file may have any number of them. */
const MAX_REASONS = 1_000;

/** What has become of the rows of a file so far. */
export class ImportTally {
  readonly counts: ImportCounts = { received: 0, stored: 0, duplicates: 0, conflicts: 0, rejected: 0 };
  readonly #reasons = new Map<string, number>();

  add(counts: ImportCounts, refused: readonly RefusedRow[]): void {
    for (const name of Object.keys(counts) as (keyof ImportCounts)[]) this.counts[name] += counts[name];
    for (const { reason } of refused) {
      const rows = this.#reasons.get(reason);
      if (rows !== undefined || this.#reasons.size < MAX_REASONS) this.#reasons.set(reason, (rows ?? 0) + 1);
    }
  }

  /** Why rows were refused, each with the number of rows: the most frequent first. */
  get reasons(): [reason: string, rows: number][] {
    return [...this.#reasons].sort(([, a], [, b]) => b - a);
  }
}
