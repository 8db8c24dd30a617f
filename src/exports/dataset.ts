import type { Pool, PoolClient } from 'pg';
import type { Capability } from '../auth/roles.ts';
import type { ExportRequest } from './request.ts';
import type { Cells } from './writing/columns.ts';
import type { Reconciliation } from './writing/manifest.ts';
import type { ExportColumn, Totals, Written } from './writing/totals.ts';

/** What a dataset reads from. */
export interface DatasetSource {
  /** In a `repeatable read, read only` transaction: all that is read belongs to one moment. */
  client: PoolClient;
  /** Reads outside that transaction. */
  pool: Pool;
  /** Milliseconds since the epoch. */
  now: number;
  /** Who issues the costs. */
  issuer: string;
}

/** The rows of one export, read while they are written. */
export interface OpenDataset {
  columns: readonly ExportColumn[];
  /** Rows in the order of the file, some thousand at a time. They can be read once. */
  batches: AsyncIterable<readonly Cells[]>;
  /** Reads the same rows as lines of CSV. */
  copy?: CsvCopy;
  /** Every event acknowledged before this time is in the rows; ISO. */
  completeTo: string;
  /** The range that the rows cover, if it is not the one of the request. Milliseconds. */
  covered?: { start: number; end: number };
  /** How many rows match, if the file may hold fewer of them. */
  rowsMatched?: number;
  /** What the reader of the file should know. */
  warnings?: readonly string[];
  /** Whether the rows can no longer change. */
  final?: true;
  /** What the manifest says of this dataset beside the usual. */
  manifest?: Readonly<Record<string, unknown>>;
  /** Compares what was written with what it was made from. It is called after the last row, in the same transaction. */
  reconcile?(written: Written): Promise<Reconciliation>;
}

/** How long something is kept; milliseconds. */
export interface KeptTimes {
  rawRetention: number;
}

/**
 * The rows as a `COPY … to stdout (format csv)`, where that is faster. Its cells are those of the other way, and its
 * lines end with a line feed.
 */
export interface CsvCopy {
  /** @param raw leaves texts that look like formulas */
  statement(choices: { raw: boolean }): string;
  /** How many rows it will give, and their sums. */
  rows: number;
  totals: Totals;
}

/** A kind of rows that can be exported. */
export interface Dataset {
  /** The capability that a caller needs besides that of exporting. */
  capability: Capability;
  /**
   * Refuses what can never be exported, before a job is made of it.
   * @throws {CodedError} `invalid_request`, `range_not_kept`, `too_many_points`
   */
  check(request: ExportRequest, now: number, kept: KeptTimes): void;
  /** Begins to read. */
  open(source: DatasetSource, request: ExportRequest): Promise<OpenDataset>;
}
