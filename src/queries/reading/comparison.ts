import { Temporal } from 'temporal-polyfill';
import type { TimeRange } from './time-buckets.ts';

export const comparisons = ['previous', 'week', 'year'] as const;
/**
 * The range that another is compared with: the part before it, the same weekdays of the latest weeks that do not overlap
 * it, or the same dates a year before.
 */
export type Comparison = (typeof comparisons)[number];

/** The share by which the lengths of two ranges may differ unnoticed. A larger difference would show as a change. */
export const MAX_LENGTH_DIFFERENCE = 1 / 100;

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
  if (comparison === 'previous') {
    return isMidnight(start) ? samePartBefore(start, end) : rangeOf(start.subtract(length), start);
  }
  if (comparison === 'week') return daysBefore(start, end, WEEK * Math.ceil(daysBetween(start, end) / WEEK));
  const from = start.subtract({ years: 1 });
  const to = isLeapDay(end) && isMidnight(end) ? endOfFebruaryBefore(end) : end.subtract({ years: 1 });
  return rangeOf(from, Temporal.ZonedDateTime.compare(from, to) < 0 ? to : from.add(length));
}

const [WEEK, MONDAY, SUNDAY] = [7, 1, 7];

/**
 * The same part of the days, week or months before, for a range that begins at a midnight. A morning is compared with the
 * morning of the day before, and the first days of a month with the first days of the month before.
 */
function samePartBefore(start: Temporal.ZonedDateTime, end: Temporal.ZonedDateTime): TimeRange {
  const days = daysBetween(start, end);
  if (days > 1 && start.day === 1 && days !== WEEK) return monthsBefore(start, end);
  const isInWeek = days > 1 && days <= WEEK && [MONDAY, SUNDAY].includes(start.dayOfWeek);
  return daysBefore(start, end, isInWeek ? WEEK : days);
}

/** Calendar days from a start to an end, the last one in part. */
function daysBetween(start: Temporal.ZonedDateTime, end: Temporal.ZonedDateTime): number {
  const days = start.until(end, { largestUnit: 'days' }).days;
  return start.add({ days }).equals(end) ? days : days + 1;
}

function daysBefore(start: Temporal.ZonedDateTime, end: Temporal.ZonedDateTime, days: number): TimeRange {
  const [from, to] = [start.subtract({ days }), end.subtract({ days })];
  // An hour that the clocks skipped then has no length.
  return rangeOf(from, Temporal.ZonedDateTime.compare(from, to) < 0 ? to : from.add(start.until(end)));
}

function monthsBefore(start: Temporal.ZonedDateTime, end: Temporal.ZonedDateTime): TimeRange {
  const whole = start.until(end, { largestUnit: 'months' }).months;
  const months = start.add({ months: whole }).equals(end) ? whole : whole + 1;
  const to = end.subtract({ months });
  // The month before may be shorter: all of it is compared then.
  const monthEnd = to.with({ day: 1 }).add({ months: 1 }).startOfDay();
  return rangeOf(start.subtract({ months }), to.day === end.day ? to : monthEnd);
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
