import type { PoolClient } from 'pg';
import { isFolded } from '../rows/selected-events.ts';

/** A UTC day whose raw events are booked. */
export interface BookedDay {
  /** Milliseconds. */
  day: number;
  /** The last batch whose events are in the book. */
  upTo: number;
}

/** The booked days of a range of whole days. */
export async function bookedDays(
  client: PoolClient,
  { from, to }: { from: Date; to: Date },
): Promise<BookedDay[]> {
  const { rows } = await client.query<{ day: Date; up_to_batch: number }>(
    'select day, up_to_batch from analytics.booked_days where day >= $1 and day < $2 order by day',
    [from, to],
  );
  return rows.map(({ day, up_to_batch }) => ({ day: day.getTime(), upTo: up_to_batch }));
}

/**
 * A condition over raw events: they are in the rollups, and not in the book of their day.
 * @param booked the last batch in the book; 0 for a day without a book
 * @param upTo as `batchesStoredUpTo` returns it
 */
export function isUnbooked(booked: number | string, upTo: number | undefined): string {
  return `batch_id > ${booked} and ${isFolded(upTo)}`;
}
