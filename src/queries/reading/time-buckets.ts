import { Temporal } from 'temporal-polyfill';
import { bucketStart, type Grain, grainNamed } from '../../rollups/grains.ts';
import { DAY, HOUR } from '../../time.ts';

export const granularities = ['hour', 'day', 'week'] as const;
export type Granularity = (typeof granularities)[number];

/** Finer granularities, whose buckets are the same in every zone. */
export const fineGranularities = ['minute', 'quarter_hour'] as const;
/** How an answer says that a range is cut into buckets; `whole` makes it a single one. */
export const shownBucketings = [...fineGranularities, ...granularities, 'month', 'whole'] as const;
export type ShownBucketing = (typeof shownBucketings)[number];
/** How a range is cut into buckets. A `week` begins on Sunday, as in rollups. */
export type Bucketing = ShownBucketing | 'monday_week';

export const weekStarts = ['sunday', 'monday'] as const;
export type WeekStart = (typeof weekStarts)[number];

/** A bucketing whose weeks begin on this day. */
export function beginningOn(bucketing: Bucketing, weekStart: WeekStart | undefined): Bucketing {
  return bucketing === 'week' && weekStart === 'monday' ? 'monday_week' : bucketing;
}

/** How answers call a bucketing: a week is one, whatever day it begins on. */
export function shownAs(bucketing: Bucketing): ShownBucketing {
  return bucketing === 'monday_week' ? 'week' : bucketing;
}

/** The shortest month, so that the number of buckets is estimated rather too high. */
const SHORTEST_MONTH = 28 * DAY;

/** Milliseconds that a bucket has at least, but for clock changes. */
export function widthOf(bucketing: Exclude<Bucketing, 'whole'>): number {
  if (bucketing === 'month') return SHORTEST_MONTH;
  return grainNamed(bucketing === 'monday_week' ? 'week' : bucketing).width;
}

/** Milliseconds since the epoch; half-open. */
export interface TimeRange {
  start: number;
  end: number;
}

/** Bound on the buckets of a range, so that a mistyped one cannot create millions. */
const MAX_BUCKETS = 1_000_000;
const DAYS_OF_WEEK = 7;

/** The message for a value that `isTimeZone` refuses. */
export const EXPECTED_ZONE =
  'must be an IANA time zone, such as Europe/Berlin; an abbreviation such as IST means several zones';

/**
 * Whether every calculation with the zone works. Intl alone knows ambiguous abbreviations such as IST, which Temporal
 * refuses. Temporal alone takes a timestamp for a zone.
 */
export function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone);
    // Intl accepts offsets too, but an offset has no daylight saving and is no zone.
    return !/^[+-]/.test(zone);
  } catch {
    return false;
  }
}

function isUtc(zone: string): boolean {
  return zone === 'UTC' || zone === 'Etc/UTC';
}

/** Estimates the number of buckets, to refuse a range that is far too long before any bucket is made. */
export function estimateBuckets({ start, end }: TimeRange, bucketing: Bucketing): number {
  return bucketing === 'whole' ? 1 : Math.ceil((end - start) / widthOf(bucketing)) + 1;
}

/**
 * The boundaries of the buckets that cover a range in a zone: the start of each, and the end of the last. Hours follow
 * the zone's clock, so an hour that daylight saving repeats is two buckets. Days and weeks begin at its midnight.
 */
export function bucketBoundaries(range: TimeRange, bucketing: Bucketing, zone: string): number[] {
  if (bucketing === 'whole') return [range.start, range.end];
  if (estimateBuckets(range, bucketing) > MAX_BUCKETS) throw new RangeError('too many buckets');
  if (bucketing === 'month' || bucketing === 'monday_week') return zonedBoundaries(range, bucketing, zone);
  // Zones differ from UTC by whole quarter-hours.
  if (isUtc(zone) || bucketing === 'minute' || bucketing === 'quarter_hour')
    return utcBoundaries(range, bucketing);
  return zonedBoundaries(range, bucketing, zone);
}

/** The end of the bucket that a moment falls into, in a zone. */
export function endOfBucket(millis: number, bucketing: Bucketing, zone: string): number {
  return bucketBoundaries({ start: millis, end: millis + 1 }, bucketing, zone).at(-1) ?? millis;
}

/** The start of the bucket of a zone that lies this many calendar days before a moment. */
export function bucketDaysBefore(
  millis: number,
  days: number,
  { bucketing, zone }: { bucketing: Bucketing; zone: string },
): number {
  const at = Temporal.Instant.fromEpochMilliseconds(millis).toZonedDateTimeISO(zone).subtract({ days });
  const start = at.epochMilliseconds;
  return bucketBoundaries({ start, end: start + 1 }, bucketing, zone)[0] ?? start;
}

function utcBoundaries({ start, end }: TimeRange, granularity: Grain['name']): number[] {
  const grain = grainNamed(granularity);
  const boundaries: number[] = [];
  let boundary = bucketStart(grain, start);
  for (; boundary < end; boundary += grain.width) boundaries.push(boundary);
  boundaries.push(boundary);
  return boundaries;
}

function zonedBoundaries({ start, end }: TimeRange, granularity: Zoned, zone: string): number[] {
  let at = startOf(Temporal.Instant.fromEpochMilliseconds(start).toZonedDateTimeISO(zone), granularity);
  const boundaries = [at.epochMilliseconds];
  while (at.epochMilliseconds < end) {
    at = nextStart(at, granularity);
    boundaries.push(at.epochMilliseconds);
  }
  return boundaries;
}

type Zoned = Granularity | 'month' | 'monday_week';

function startOf(at: Temporal.ZonedDateTime, granularity: Zoned): Temporal.ZonedDateTime {
  if (granularity === 'hour') return at.round({ smallestUnit: 'hour', roundingMode: 'floor' });
  if (granularity === 'day') return at.startOfDay();
  if (granularity === 'month') return at.with({ day: 1 }).startOfDay();
  // Temporal counts from Monday, which is 1.
  const days = granularity === 'monday_week' ? at.dayOfWeek - 1 : at.dayOfWeek % DAYS_OF_WEEK;
  return at.subtract({ days }).startOfDay();
}

function nextStart(at: Temporal.ZonedDateTime, granularity: Zoned): Temporal.ZonedDateTime {
  if (granularity === 'month') return at.add({ months: 1 }).startOfDay();
  if (granularity !== 'hour') return at.add({ days: granularity === 'day' ? 1 : DAYS_OF_WEEK }).startOfDay();
  const later = Temporal.Instant.fromEpochMilliseconds(at.epochMilliseconds + HOUR).toZonedDateTimeISO(
    zoneOf(at),
  );
  const start = startOf(later, 'hour');
  // Where the clock goes back by half an hour, that hour is an hour and a half long.
  return start.epochMilliseconds > at.epochMilliseconds ? start : later;
}

function zoneOf(at: Temporal.ZonedDateTime): string {
  return at.timeZoneId;
}
