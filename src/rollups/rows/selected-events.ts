import { isWithin } from '../stored-up-to.ts';

/** Which raw events are meant: a condition over their columns, with `$1`, `$2`, … for its values. */
export interface SelectedEvents {
  condition: string;
  values: readonly unknown[];
}

const WAITING_BATCHES = 'select batch_id from analytics.ingestion_batches where rolled_up_at is null';

/** A condition: the batch of an event waits to be rolled up, and so does the event. */
export function isWaiting(batchId = 'batch_id'): string {
  return `${batchId} in (${WAITING_BATCHES})`;
}

/**
 * The opposite: the event is in the rollups.
 * @param upTo as `batchesStoredUpTo` has it
 */
export function isFolded(upTo: number | undefined, batchId = 'batch_id'): string {
  return `${batchId} not in (${WAITING_BATCHES}) and ${isWithin(batchId, upTo)}`;
}
