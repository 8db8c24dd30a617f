import { Refusal, readTimestamp } from '../events/field.ts';

/** A moment as milliseconds since the epoch. A date alone stands for its midnight, UTC. */
export function readMillis(value: unknown): number | Refusal {
  const read = readTimestamp(midnightOf(value));
  return read instanceof Refusal ? read : Math.floor(read / 1_000);
}

function midnightOf(value: unknown): unknown {
  return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) ? `${value}T00:00:00Z` : value;
}
