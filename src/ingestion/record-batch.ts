import { escapeLiteral } from 'pg';
import { textArray } from '../database/text-array.ts';
import { formatTimestamp } from '../events/timestamp.ts';
import { HOUR } from '../time.ts';
import type { DedupResult, EncodedEvent } from './encoded-events.ts';
import type { StreamStep } from './stream-progress.ts';

/** What is recorded of a submission; see `EncodedSubmission`. */
interface SubmissionCounts {
  source: string;
  received: number;
  rejected: number;
  /** Milliseconds since the epoch. */
  receivedAt: number;
  step?: StreamStep;
}

interface BatchRecord {
  submissions: readonly SubmissionCounts[];
  events: readonly EncodedEvent[];
  counts: Readonly<Record<DedupResult, number>>;
  batchId: number;
  /** Milliseconds since the epoch. */
  now: number;
}

/** A batch is late when one of its events happened longer ago than this. */
const LATE_MS = HOUR;

/**
 * The statement that records a batch in `ingestion_batches`, where the roll-up worker finds it. It has its values as
 * literals, because a statement with parameters takes a round trip of its own.
 */
export function recordOf({ submissions, events, counts, batchId, now }: BatchRecord): string {
  const orgs = new Set<string>();
  const types = new Set<string>();
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let rows = 0;
  for (const event of events) {
    if (event.result !== 'stored') continue;
    orgs.add(event.orgId);
    types.add(event.type);
    rows += event.rows.length;
    from = Math.min(from, event.occurredAt);
    to = Math.max(to, event.occurredAt);
  }
  const { stored, duplicate, conflict } = counts;
  const sumOf = (part: 'received' | 'rejected') => submissions.reduce((sum, one) => sum + one[part], 0);
  const startedAt = Math.min(...submissions.map((submission) => submission.receivedAt));
  const timeOf = (time: number) => (stored === 0 ? 'null' : escapeLiteral(formatTimestamp(time)));
  const step = submissions.at(-1)?.step;
  return `
    insert into analytics.ingestion_batches (
      batch_id, source, org_ids, types, received, stored, duplicates, conflicts, rejected, late,
      occurred_from, occurred_to, started_at, stream, stream_offset, rows, completed_at, rolled_up_at)
    values (${batchId}, ${escapeLiteral(submissions[0]?.source ?? 'http')}, ${textArray(orgs)}, ${textArray(types)},
      ${sumOf('received')}, ${stored}, ${duplicate}, ${conflict}, ${sumOf('rejected')},
      ${stored > 0 && from / 1_000 < now - LATE_MS}, ${timeOf(from)}, ${timeOf(to)},
      ${escapeLiteral(new Date(startedAt).toISOString())}, ${step ? escapeLiteral(step.stream) : 'null'},
      ${step ? step.offset : 'null'}, ${rows}, clock_timestamp(),
      ${stored === 0 ? 'clock_timestamp()' : 'null'})`;
}
