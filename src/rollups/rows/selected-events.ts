import { isWithin } from '../stored-up-to.ts';

/** A selection of raw events: a condition over their columns, with `$1`, `$2`, … for its values. */
export interface SelectedEvents {
  condition: string;
  values: readonly unknown[];
}

const WAITING_BATCHES = 'select batch_id from analytics.ingestion_batches where rolled_up_at is null';

/** A condition: the event waits to be rolled up, as its batch does. */
export function isWaiting(batchId = 'batch_id'): string {
  return `${batchId} in (${WAITING_BATCHES})`;
}

/**
 * The opposite: the event is in the rollups.
 * @param upTo as `batchesStoredUpTo` returns it
 */
export function isFolded(upTo: number | undefined, batchId = 'batch_id'): string {
  return `${batchId} not in (${WAITING_BATCHES}) and ${isWithin(batchId, upTo)}`;
}
