import type { PoolClient } from 'pg';
import type { SelectedEvents } from '../rows/selected-events.ts';

/** Batches folded in one transaction: at 5,000 events each, about a second of work on one core. */
export const BATCHES_AT_ONCE = 40;

/** A batch that no other worker folds until the transaction ends. */
export interface ClaimedBatch {
  id: number;
  /** Rows of events that it stored; null: unknown, and taken as complete. */
  rows: number | null;
  org_ids: string[];
  types: string[];
  first: Date;
  last: Date;
}

/** Batches that are folded together. */
export interface ClaimedBatches {
  ids: number[];
  orgIds: string[];
  types: string[];
  from: Date;
  to: Date;
  /** Rows of events that they stored. */
  rows: number;
}

export async function claimBatches(client: PoolClient): Promise<ClaimedBatch[]> {
  const { rows } = await client.query<ClaimedBatch>(
    // Dates come back in milliseconds: the last is rounded up, so that its event is in.
    `select batch_id as id, rows, org_ids, types, occurred_from as first, occurred_to + interval '1 ms' as last
     from analytics.ingestion_batches
     where rolled_up_at is null and (retry_at is null or retry_at <= clock_timestamp())
     order by completed_at
     limit $1
     for update skip locked`,
    [BATCHES_AT_ONCE],
  );
  return rows;
}

export function asOneFold(batches: readonly ClaimedBatch[]): ClaimedBatches {
  return {
    ids: batches.map(({ id }) => id),
    orgIds: [...new Set(batches.flatMap(({ org_ids }) => org_ids))],
    types: [...new Set(batches.flatMap(({ types }) => types))],
    from: new Date(Math.min(...batches.map(({ first }) => first.getTime()))),
    to: new Date(Math.max(...batches.map(({ last }) => last.getTime()))),
    rows: batches.reduce((sum, { rows }) => sum + (rows ?? 0), 0),
  };
}

export function eventsOf({ ids, from, to }: ClaimedBatches): SelectedEvents {
  return {
    condition: 'batch_id = any($1::bigint[]) and occurred_at >= $2 and occurred_at <= $3',
    values: [ids, from, to],
  };
}
