import { Temporal } from 'temporal-polyfill';
import type { TimeRange } from './time-buckets.ts';

export const comparisons = ['previous', 'year'] as const;
/** The range that another is compared with: the one of equal length just before it, or the same dates a year before. */
export type Comparison = (typeof comparisons)[number];

/** A number of a range, with that of the range it is compared with. */
export interface Compared {
  value: number | null;
  /** `null` where no numbers of that time are kept. */
  previous: number | null;
  /** In percent of `previous`; `null` where that is missing or 0. */
  changePercent: number | null;
}

/** The range that this one is compared with, by the calendar of a zone. */
export function comparedRange(range: TimeRange, comparison: Comparison, zone: string): TimeRange {
  const [start, end] = [inZone(range.start, zone), inZone(range.end, zone)];
  const length = start.until(end, { largestUnit: isMidnight(start) && isMidnight(end) ? 'days' : 'hours' });
  if (comparison === 'previous') return rangeOf(start.subtract(length), start);
  const from = start.subtract({ years: 1 });
  const to = isLeapDay(end) && isMidnight(end) ? endOfFebruaryBefore(end) : end.subtract({ years: 1 });
  return rangeOf(from, Temporal.ZonedDateTime.compare(from, to) < 0 ? to : from.add(length));
}

/** There is no change from 0: it would not be 100 %, and has no other percentage either. */
export function compared(value: number | null, previous: number | null): Compared {
  return {
    value,
    previous,
    changePercent:
      value === null || previous === null || previous === 0
        ? null
        : Math.round(((value - previous) / Math.abs(previous)) * 10_000) / 100,
  };
}

function inZone(millis: number, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(millis).toZonedDateTimeISO(zone);
}

function isMidnight(at: Temporal.ZonedDateTime): boolean {
  return at.equals(at.startOfDay());
}

function isLeapDay(at: Temporal.ZonedDateTime): boolean {
  return at.month === 2 && at.day === 29;
}

/** A range up to the start of 29 February includes all of the 28th. So must the range of the year before. */
function endOfFebruaryBefore(leapDay: Temporal.ZonedDateTime): Temporal.ZonedDateTime {
  return leapDay.add({ days: 1 }).subtract({ years: 1 }).startOfDay();
}

function rangeOf(start: Temporal.ZonedDateTime, end: Temporal.ZonedDateTime): TimeRange {
  return {
    start: start.epochMilliseconds,
    end: end.epochMilliseconds,
  };
}
