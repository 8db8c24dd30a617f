import { Temporal } from 'temporal-polyfill';
import type { TimeRange } from './time-buckets.ts';

export const comparisons = ['previous', 'year'] as const;
/** What a range is compared with: the one of the same length before it, or the same dates a year before. */
export type Comparison = (typeof comparisons)[number];

/** A number beside that of the range compared with. */
export interface Compared {
  value: number | null;
  /** `null` where nothing is known of that time. */
  previous: number | null;
  /** In percent of `previous`; `null` where there was nothing to compare with. */
  changePercent: number | null;
}

/** The range that one is compared with, by the calendar of a zone. */
export function comparedRange(range: TimeRange, comparison: Comparison, zone: string): TimeRange {
  const [start, end] = [inZone(range.start, zone), inZone(range.end, zone)];
  const length = start.until(end, { largestUnit: isMidnight(start) && isMidnight(end) ? 'days' : 'hours' });
  if (comparison === 'previous') return rangeOf(start.subtract(length), start);
  const from = start.subtract({ years: 1 });
  const to = isLeapDay(end) && isMidnight(end) ? endOfFebruaryBefore(end) : end.subtract({ years: 1 });
  return rangeOf(from, Temporal.ZonedDateTime.compare(from, to) < 0 ? to : from.add(length));
}

/** A change needs two numbers and something to measure it by: from nothing there is none, and not one of 100 %. */
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

/** A range up to the start of 29 February takes in the whole of the 28th, and so does that of the year before. */
function endOfFebruaryBefore(leapDay: Temporal.ZonedDateTime): Temporal.ZonedDateTime {
  return leapDay.add({ days: 1 }).subtract({ years: 1 }).startOfDay();
}

function rangeOf(start: Temporal.ZonedDateTime, end: Temporal.ZonedDateTime): TimeRange {
  return {
    start: start.epochMilliseconds,
    end: end.epochMilliseconds,
  };
}
