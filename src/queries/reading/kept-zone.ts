import { CodedError } from '../../errors.ts';
import { planRead, type RangeToRead } from './read-plan.ts';
import type { Bucketing } from './time-buckets.ts';

/** A question about a series in a zone. */
interface ZonedQuestion extends RangeToRead {
  /** Why the answer is in UTC, if it is not in the zone of the question. */
  zoneNote?: string;
}

/**
 * The question, or the same question in UTC. Hours and quarter hours of most types are kept for 90 days. Before that only
 * days of UTC are left, of which no day of another zone can be made. The answer then has days of UTC, and says so.
 * @param bucketings as the question may be answered, the best first; one series over the whole range needs no zone
 */
export function inKeptZone<Q extends ZonedQuestion>(query: Q, bucketings: readonly Bucketing[]): Q {
  const cut = bucketings.filter((bucketing) => bucketing !== 'whole');
  const refusals = cut.map((bucketing) => refusalOf(query, bucketing));
  const [first] = refusals;
  if (first?.code !== 'range_not_kept' || refusals.includes(undefined)) return query;
  const inUtc = { ...query, timezone: 'UTC' };
  if (cut.every((bucketing) => refusalOf(inUtc, bucketing))) return query;
  return { ...inUtc, zoneNote: `${first.message.replace(/;.*/s, '')}; the answer is in UTC instead` };
}

function refusalOf(query: RangeToRead, bucketing: Bucketing): CodedError | undefined {
  try {
    planRead(query, bucketing);
    return undefined;
  } catch (error) {
    if (error instanceof CodedError) return error;
    throw error;
  }
}
