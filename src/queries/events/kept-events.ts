import type { Queryable } from '../../database/pool.ts';
import { CodedError } from '../../errors.ts';
import { eventsKeptFrom } from '../../rollups/org-removals.ts';
import type { TimeRange } from '../reading/time-buckets.ts';

interface WantedRange {
  orgId: string;
  range: TimeRange;
  /** Whether the caller names the start of the range. */
  isNamed: boolean;
}

/**
 * The part of a range that raw events of the org are kept for. A start that the caller names must be kept: a list that begins later
 * would look complete.
 * @throws {CodedError} `range_not_kept`, with what is kept
 */
export async function keptRange(
  database: Queryable,
  { orgId, range, isNamed }: WantedRange,
): Promise<TimeRange> {
  const from = (await eventsKeptFrom(database, orgId))?.getTime();
  if (from === undefined || range.start >= from) return range;
  if (!isNamed && from < range.end) return { start: from, end: range.end };
  const kept = new Date(from).toISOString();
  throw new CodedError(
    'range_not_kept',
    `Raw events of the org are kept from ${kept} on. Begin there or later; rollups, such as /usage, reach further back.`,
    { faults: [{ path: isNamed ? 'start' : 'end', message: `must be ${kept} or later` }] },
  );
}
