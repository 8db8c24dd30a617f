import type { FailureCode } from '../failure.ts';
import type { ExportRequest } from '../request.ts';
import type { ExportFile, Reconciliation } from '../writing/manifest.ts';

export const jobStatuses = ['pending', 'running', 'succeeded', 'failed', 'expired', 'cancelled'] as const;
export type JobStatus = (typeof jobStatuses)[number];

/** What is known of the content once it is written. */
export interface Outcome {
  rowCount: number;
  /** How many rows matched; more than `rowCount` if the file is truncated. */
  rowsMatched: number;
  truncated: boolean;
  warnings: readonly string[];
  reconciliation: Reconciliation | null;
  /** Every event acknowledged before this time is in the file. */
  completeTo: string;
}

export interface ExportJob {
  jobId: string;
  status: JobStatus;
  request: ExportRequest;
  createdAt: Date;
  initiatedBy: string;
  scheduleId: string | null;
  /** The month that the job closes, as `2026-11`. */
  period: string | null;
  attempt: number;
  progress: { rows: number; bytes: number };
  completedAt: Date | null;
  expiresAt: Date | null;
  outputUri: string | null;
  checksum: string | null;
  error: { code: FailureCode; message: string } | null;
  outcome: Outcome | null;
  files: readonly ExportFile[];
}
