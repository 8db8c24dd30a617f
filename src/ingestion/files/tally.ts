import type { UnusedColumn } from '../../formats/row-mapping.ts';
import type { SkippedRecord } from '../../formats/skipped-record.ts';
import type { IngestResult } from '../ingest.ts';

export type ImportCounts = Omit<IngestResult, 'errors' | 'warnings'>;

/** A row that was not stored, and why. */
export interface RefusedRow {
  line: number;
  code: string;
  reason: string;
  /** As it stands in the file. A row of a call log is left out, because it may hold a prompt. */
  row?: string;
}

/** The most reasons that are counted: some quote the row, so a file may have any number of them. */
const MAX_REASONS = 1_000;

/** Skipped rows that are kept with their ids. */
const MOST_SKIPPED = 20;

/** Counts the results of a file's rows. */
export class ImportTally {
  readonly counts: ImportCounts = { received: 0, stored: 0, duplicates: 0, conflicts: 0, rejected: 0 };
  /** The columns that no event takes a value from. */
  unusedColumns: readonly UnusedColumn[] = [];
  /** The number of rows that are no calls, and the first of them. */
  skipped = 0;
  readonly firstSkipped: SkippedRecord[] = [];
  readonly #reasons = new Map<string, number>();
  readonly #skippedReasons = new Map<string, number>();

  add(counts: ImportCounts, refused: readonly RefusedRow[]): void {
    for (const name of Object.keys(this.counts) as (keyof ImportCounts)[]) this.counts[name] += counts[name];
    for (const { reason } of refused) countReason(this.#reasons, reason);
  }

  addSkipped(record: SkippedRecord): void {
    this.skipped++;
    if (this.firstSkipped.length < MOST_SKIPPED) this.firstSkipped.push(record);
    countReason(this.#skippedReasons, record.reason);
  }

  /** The reasons for refusals, each with its number of rows; the most frequent first. */
  get reasons(): [reason: string, rows: number][] {
    return mostFrequentFirst(this.#reasons);
  }

  /** The reasons why rows are no calls, each with its number of rows; the most frequent first. */
  get skippedReasons(): [reason: string, rows: number][] {
    return mostFrequentFirst(this.#skippedReasons);
  }
}

function countReason(reasons: Map<string, number>, reason: string): void {
  const rows = reasons.get(reason);
  if (rows !== undefined || reasons.size < MAX_REASONS) reasons.set(reason, (rows ?? 0) + 1);
}

function mostFrequentFirst(reasons: ReadonlyMap<string, number>): [reason: string, rows: number][] {
  return [...reasons].sort(([, a], [, b]) => b - a);
}
