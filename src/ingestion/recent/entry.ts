import type { SkippedRecord } from '../../formats/skipped-record.ts';

/** The events of one submission by what became of them. `skipped` are records that are no calls. */
export interface Outcomes {
  stored: number;
  duplicates: number;
  conflicts: number;
  rejected: number;
  skipped: number;
}

/** The submissions of one source and format within a few seconds. */
export interface RecentBatch extends Outcomes {
  /** When the last of them was received, as ISO 8601. */
  at: string;
  source: string;
  format: string;
  requests: number;
  /** The reasons why records are no calls, with their numbers; the first ten. */
  skippedReasons: Record<string, number>;
  /** Of the last submission. */
  correlationId: string;
}

interface Origin {
  at: string;
  source: string;
  format: string;
}

/** An event that was refused, or a request that was refused as a whole. */
export interface RecentRefusal extends Origin {
  id: string | null;
  code: string;
  reason: string;
  correlationId: string;
}

/** A record that is no call to a model. */
export type RecentSkipped = Origin & SkippedRecord;

/** What one process took in for an org within a few seconds. */
export interface RecentEntry {
  batches: RecentBatch[];
  refusals: RecentRefusal[];
  skipped: RecentSkipped[];
}
