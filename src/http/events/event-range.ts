import type { TimeRange } from '../../queries/reading/time-buckets.ts';
import { HOUR } from '../../time.ts';
import { readMillis, refuseParameter } from '../fields/query-parameters.ts';

/** An event may be up to ten minutes ahead of the clock. */
const AHEAD = HOUR;
/** No event is older: 400 days when it is sent, and an import may have any time. */
const EVER = 0;

/** The range of a question about raw events. Without ends it is all the time that there are events of. */
export function readEventRange(
  { start, end }: { start?: string | undefined; end?: string | undefined },
  now: number,
): TimeRange {
  const range = {
    start: start === undefined ? EVER : readMillis('start', start),
    end: end === undefined ? now + AHEAD : readMillis('end', end),
  };
  if (range.start < range.end) return range;
  throw refuseParameter('start', `must be before the end, ${new Date(range.end).toISOString()}`);
}

/** Whether a text is a moment with microseconds, as cursors have it. */
export function isMicroseconds(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/.test(text) && !Number.isNaN(Date.parse(text));
}
