/** What a notice says about a month of an export schedule. */
export interface MonthFacts {
  schedule: string;
  dataset: string;
  /** As `2026-10`. */
  period: string;
  /** Null until the month is closed. */
  revision: number | null;
  /** Rows of its file, and how many of them correct earlier months. */
  rows: number | null;
  corrections: number | null;
  /** The export with its files. */
  jobId: string | null;
  /** Failures in a row, and the reason of the last. */
  failures: number;
  failure: string | null;
}
