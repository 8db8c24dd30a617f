import type { EventType } from './event-type.ts';

/** How many events succeeded and failed. */
export interface SuccessCounts {
  succeeded: number;
  failed: number;
  /** Neither, such as a cancelled job. They are left out of the error rate and the success rate. */
  undecided: number;
}

/** Adds up the counts of a type's statuses, by what each status counts as. */
export function successCountsOf(
  { failures, undecided = [] }: Pick<EventType, 'failures' | 'undecided'>,
  counts: Iterable<readonly [status: string | null, count: number]>,
): SuccessCounts {
  const found: SuccessCounts = { succeeded: 0, failed: 0, undecided: 0 };
  for (const [status, count] of counts) {
    if (failures.includes(status ?? '')) found.failed += count;
    else if (undecided.includes(status ?? '')) found.undecided += count;
    else found.succeeded += count;
  }
  return found;
}
