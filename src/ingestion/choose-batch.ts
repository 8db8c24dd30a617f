import { takeFairly } from '../shares/fair-order.ts';
import type { EncodedSubmission } from './store-batch.ts';

/** A submission in the queue. */
export interface Queued {
  submission: EncodedSubmission;
}

interface BatchTerms {
  /** The number of events at which a batch is full. A submission is never split. */
  batchSize: number;
  /** The kind of owners that comes first if both kinds wait. */
  first: OwnerKind;
  /** Whether the owners of much have to wait. */
  lightOnly: boolean;
}

/** An owner is light while few of its events wait: no more than a batch is worth a transaction for. */
export type OwnerKind = 'light' | 'heavy';

/** So many events are worth a transaction. An owner with more of them in the queue is heavy. */
export const ENOUGH_EVENTS = 500;

/**
 * Chooses the submissions of the next batch. Light owners get a batch of their own, so that a single event does not wait
 * for the commit of thousands of somebody else's. Within a batch the owners are served fairly. A batch has one source.
 * @param queue the oldest first
 * @returns undefined if nothing may be stored now
 */
export function chooseBatch<T extends Queued>(
  queue: readonly T[],
  { batchSize, first, lightOnly }: BatchTerms,
): { batch: T[]; rest: T[]; kind: OwnerKind } | undefined {
  const kinds = kindsOf(queue);
  const kindOf = ({ submission }: T): OwnerKind => kinds.get(submission.owner) ?? 'light';
  const order: OwnerKind[] = lightOnly
    ? ['light']
    : first === 'light'
      ? ['light', 'heavy']
      : ['heavy', 'light'];
  for (const kind of order) {
    const oldest = queue.find((queued) => kindOf(queued) === kind);
    if (oldest === undefined) continue;
    const isCandidate = (queued: T): boolean =>
      kindOf(queued) === kind && queued.submission.source === oldest.submission.source;
    const { batch } = takeFairly(queue.filter(isCandidate), batchSize, {
      ownerOf: ({ submission }) => submission.owner,
      sizeOf: ({ submission }) => submission.received,
    });
    const taken = new Set(batch);
    return { batch, rest: queue.filter((queued) => !taken.has(queued)), kind };
  }
  return undefined;
}

/** Whether each owner that waits is light or heavy. */
function kindsOf(queue: readonly Queued[]): Map<string, OwnerKind> {
  const events = new Map<string, number>();
  for (const { submission } of queue)
    events.set(submission.owner, (events.get(submission.owner) ?? 0) + submission.received);
  return new Map(
    [...events].map(([owner, waiting]) => [owner, waiting > ENOUGH_EVENTS ? 'heavy' : 'light'] as const),
  );
}
