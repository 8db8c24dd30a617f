import { Temporal } from 'temporal-polyfill';
import { bucketStart, type Grain, grainNamed } from '../../rollups/grains.ts';
import { HOUR } from '../../time.ts';

export const granularities = ['hour', 'day', 'week'] as const;
export type Granularity = (typeof granularities)[number];

/** Finer granularities, whose buckets are the same in every zone. */
export const fineGranularities = ['minute', 'quarter_hour'] as const;
/** How a range is cut into buckets; `whole` makes it a single one. */
export type Bucketing = Granularity | (typeof fineGranularities)[number] | 'whole';

/** Milliseconds since the epoch; half-open. */
export interface TimeRange {
  start: number;
  end: number;
}

/** Bound on the buckets of a range, so that a mistyped one cannot create millions. */
const MAX_BUCKETS = 1_000_000;
const SUNDAY = 7;

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
  return bucketing === 'whole' ? 1 : Math.ceil((end - start) / grainNamed(bucketing).width) + 1;
}

/**
 * The boundaries of the buckets that cover a range in a zone: the start of each, and the end of the last. Hours follow
 * the zone's clock, so an hour that daylight saving repeats is two buckets. Days and weeks begin at its midnight, weeks
 * on a Sunday.
 */
export function bucketBoundaries(range: TimeRange, bucketing: Bucketing, zone: string): number[] {
  if (bucketing === 'whole') return [range.start, range.end];
  if (estimateBuckets(range, bucketing) > MAX_BUCKETS) throw new RangeError('too many buckets');
  // Zones differ from UTC by whole quarter-hours.
  if (isUtc(zone) || bucketing === 'minute' || bucketing === 'quarter_hour')
    return utcBoundaries(range, bucketing);
  return zonedBoundaries(range, bucketing, zone);
}

/** The end of the bucket that a moment falls into, in a zone. */
export function endOfBucket(millis: number, granularity: Granularity, zone: string): number {
  return bucketBoundaries({ start: millis, end: millis + 1 }, granularity, zone).at(-1) ?? millis;
}

/** The start of the bucket of a zone that lies this many calendar days before a moment. */
export function bucketDaysBefore(
  millis: number,
  days: number,
  { granularity, zone }: { granularity: Granularity; zone: string },
): number {
  const at = Temporal.Instant.fromEpochMilliseconds(millis).toZonedDateTimeISO(zone).subtract({ days });
  return startOf(at, granularity).epochMilliseconds;
}

function utcBoundaries({ start, end }: TimeRange, granularity: Grain['name']): number[] {
  const grain = grainNamed(granularity);
  const boundaries: number[] = [];
  let boundary = bucketStart(grain, start);
  for (; boundary < end; boundary += grain.width) boundaries.push(boundary);
  boundaries.push(boundary);
  return boundaries;
}

function zonedBoundaries({ start, end }: TimeRange, granularity: Granularity, zone: string): number[] {
  let at = startOf(Temporal.Instant.fromEpochMilliseconds(start).toZonedDateTimeISO(zone), granularity);
  const boundaries = [at.epochMilliseconds];
  while (at.epochMilliseconds < end) {
    at = nextStart(at, granularity);
    boundaries.push(at.epochMilliseconds);
  }
  return boundaries;
}

function startOf(at: Temporal.ZonedDateTime, granularity: Granularity): Temporal.ZonedDateTime {
  if (granularity === 'hour') return at.round({ smallestUnit: 'hour', roundingMode: 'floor' });
  if (granularity === 'day') return at.startOfDay();
  return at.subtract({ days: at.dayOfWeek % SUNDAY }).startOfDay();
}

function nextStart(at: Temporal.ZonedDateTime, granularity: Granularity): Temporal.ZonedDateTime {
  if (granularity !== 'hour') return at.add({ days: granularity === 'day' ? 1 : 7 }).startOfDay();
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
