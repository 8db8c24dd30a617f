import type { EventType } from './event-type.ts';

/** How events ended. */
export interface Outcomes {
  succeeded: number;
  failed: number;
  /** Neither, such as a job that was cancelled: no part of the share that failed or succeeded. */
  undecided: number;
}

/** Counts events of a type, given by status, by what a status of the type counts as. */
export function outcomesOf(
  { failures, undecided = [] }: Pick<EventType, 'failures' | 'undecided'>,
  counts: Iterable<readonly [status: string | null, count: number]>,
): Outcomes {
  const found: Outcomes = { succeeded: 0, failed: 0, undecided: 0 };
  for (const [status, count] of counts) {
    if (failures.includes(status ?? '')) found.failed += count;
    else if (undecided.includes(status ?? '')) found.undecided += count;
    else found.succeeded += count;
  }
  return found;
}
