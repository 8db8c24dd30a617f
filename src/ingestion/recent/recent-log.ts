import type { SkippedRecord } from '../../formats/skipped-record.ts';
import type { Outcomes, RecentBatch, RecentEntry, RecentRefusal } from './entry.ts';

/** What one submission meant for one org. */
export interface RecentNote {
  orgId: string;
  /** Milliseconds since the epoch. */
  at: number;
  source: string;
  format: string;
  correlationId: string;
  outcomes: Outcomes;
  refusals: readonly Pick<RecentRefusal, 'id' | 'code' | 'reason'>[];
  skipped: readonly SkippedRecord[];
}

/** The most of one org between two flushes, about 30 kB. The latest stay. */
const MOST_REFUSALS = 20;
const MOST_SKIPPED = 100;
const MOST_BATCHES = 20;
const MOST_REASONS = 10;
/** The most orgs between two flushes. Notes of further ones are dropped. */
const MOST_ORGS = 10_000;
const LONGEST_ID = 200;
const LONGEST_REASON = 300;

/**
 * Gathers in memory what submissions meant for each org, until the next flush. Nothing of an event is kept but its id and the
 * reason, which the sender was told too.
 */
export class RecentLog {
  #entries = new Map<string, RecentEntry>();

  note({ refusals, skipped, ...note }: RecentNote): void {
    const orgId = clean(note.orgId, LONGEST_ID);
    let entry = this.#entries.get(orgId);
    if (!entry) {
      if (this.#entries.size >= MOST_ORGS) return;
      entry = { batches: [], refusals: [], skipped: [] };
      this.#entries.set(orgId, entry);
    }
    const { source, format } = note;
    const correlationId = clean(note.correlationId, LONGEST_ID);
    const at = new Date(note.at).toISOString();
    const origin = { at, source, format };
    addToBatches(entry.batches, { ...origin, correlationId }, note.outcomes, skipped);
    for (const { id, code, reason } of refusals.slice(-MOST_REFUSALS)) {
      entry.refusals.push({
        ...origin,
        id: cleanId(id),
        code,
        reason: clean(reason, LONGEST_REASON),
        correlationId,
      });
    }
    for (const { id, reason } of skipped.slice(-MOST_SKIPPED))
      entry.skipped.push({ ...origin, id: cleanId(id), reason: clean(reason, LONGEST_REASON) });
    keepLast(entry.refusals, MOST_REFUSALS);
    keepLast(entry.skipped, MOST_SKIPPED);
  }

  /** Takes what was gathered, and begins anew. */
  take(): ReadonlyMap<string, RecentEntry> {
    const taken = this.#entries;
    this.#entries = new Map();
    return taken;
  }
}

function addToBatches(
  batches: RecentBatch[],
  latest: Pick<RecentBatch, 'at' | 'source' | 'format' | 'correlationId'>,
  outcomes: Outcomes,
  skipped: readonly SkippedRecord[],
): void {
  let batch = batches.find(({ source, format }) => source === latest.source && format === latest.format);
  if (!batch) {
    const none = { stored: 0, duplicates: 0, conflicts: 0, rejected: 0, skipped: 0 };
    batch = { ...latest, requests: 0, ...none, skippedReasons: {} };
    if (batches.length < MOST_BATCHES) batches.push(batch);
  }
  batch.at = latest.at;
  batch.correlationId = latest.correlationId;
  batch.requests++;
  for (const outcome of Object.keys(outcomes) as (keyof Outcomes)[]) batch[outcome] += outcomes[outcome];
  for (const { reason } of skipped) {
    const key = clean(reason, LONGEST_REASON);
    const count = batch.skippedReasons[key];
    if (count !== undefined) batch.skippedReasons[key] = count + 1;
    else if (Object.keys(batch.skippedReasons).length < MOST_REASONS) batch.skippedReasons[key] = 1;
  }
}

function keepLast(list: unknown[], most: number): void {
  if (list.length > most) list.splice(0, list.length - most);
}

/** What PostgreSQL's JSON can hold. */
function clean(text: string, most: number): string {
  return text.slice(0, most).toWellFormed().replaceAll('\0', '');
}

function cleanId(id: string | null): string | null {
  return id === null ? null : clean(id, LONGEST_ID);
}
