import { CodedError } from '../../errors.ts';
import {
  bucketEnd,
  bucketStart,
  coarserThan,
  coarsestGrain,
  finerThan,
  type Grain,
  grains,
  keptFor,
} from '../../rollups/grains.ts';
import {
  type Bucketing,
  bucketBoundaries,
  estimateBuckets,
  granularities,
  shownAs,
  type TimeRange,
} from './time-buckets.ts';

/** A part of a range, and the grain it is read at. */
export interface Segment extends TimeRange {
  grain: Grain;
}

/** How a range is read from rollups. */
export interface ReadPlan {
  /** The range that the numbers cover: the requested one, widened to the finest rollups kept for its ends. */
  covered: TimeRange;
  /** The start of each bucket, and the end of the last; milliseconds. */
  boundaries: number[];
  segments: Segment[];
}

export const MAX_POINTS = 10_000;

function iso(millis: number): string {
  return new Date(millis).toISOString();
}

/** The range to plan for. */
export interface RangeToRead {
  range: TimeRange;
  timezone: string;
  /** Milliseconds since the epoch. */
  now: number;
  /** Type of the events whose rollups are read: rollups of some types are kept longer. */
  type?: string;
}

/** Milliseconds for which a grain is kept. */
type Retention = (grain: Grain) => number;

function finestKept(at: number, now: number, retention: Retention): Grain {
  return grains.find((grain) => bucketStart(grain, at) >= now - retention(grain)) ?? coarsestGrain;
}

/**
 * Plans the reading of a range. Each bucket is read from the coarsest rollups that fit into it, and its ends from finer
 * ones. In a zone, only the time around its midnights needs minutes and quarter-hours.
 * @throws {CodedError} `too_many_points`; `range_not_kept` when buckets in this zone need finer rollups than are kept
 *   for that time
 */
export function planRead(request: RangeToRead, bucketing: Bucketing): ReadPlan {
  const { range, timezone, now, type } = request;
  const retention: Retention = (grain) => keptFor(grain, type);
  refuseTooMany(estimateBuckets(range, bucketing) - 2, range);
  const start = bucketStart(finestKept(range.start, now, retention), range.start);
  const finestAtEnd = finestKept(range.end, now, retention);
  let missing: Grain | undefined;
  // The last bucket begins before the end of the range, perhaps at a time for which its grain is no longer kept.
  for (const grain of [finestAtEnd, ...coarserThan(finestAtEnd)]) {
    const covered = { start, end: bucketEnd(grain, range.end) };
    const plan = planOver(covered, bucketBoundaries(covered, bucketing, timezone));
    const points = plan.boundaries.length - 1;
    // With a later end there would be too many, but the reason is that such buckets are not kept.
    if (missing !== undefined && points > MAX_POINTS) break;
    refuseTooMany(points, range);
    const lost = plan.segments.find(({ grain, start }) => start < now - retention(grain));
    if (!lost || lost.grain === coarsestGrain) return plan;
    missing ??= lost.grain;
  }
  const grain = missing ?? coarsestGrain;
  const coarser = coarserBucketings(bucketing).find((each) => range.start >= now - retention(each));
  const advice = coarser && `granularity=${coarser.name}`;
  throw notKept(grain, now - retention(grain), { bucketing, timezone, advice });
}

/** A plan, and the width of its buckets. */
export interface BucketedPlan {
  plan: ReadPlan;
  bucketing: Bucketing;
}

/**
 * Plans the reading of a range with the first of several bucketings that is still kept and has not too many points.
 * @param bucketings at least one
 * @throws {CodedError} the error of the last bucketing, if none is possible
 */
export function planFirst(request: RangeToRead, bucketings: readonly Bucketing[]): BucketedPlan {
  let refusal: CodedError | undefined;
  for (const bucketing of bucketings) {
    try {
      return { plan: planRead(request, bucketing), bucketing };
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      refusal = error;
    }
  }
  throw refusal ?? new Error('no bucketing was given');
}

/**
 * Plans the reading of windows of time, which may overlap or lie far apart. Two neighbouring starts or ends bound a
 * bucket, and only time inside a window is read. Rollups as fine as the ends of each window must still be kept.
 * @param windows their ends are whole minutes; those of past days are whole quarter-hours
 */
export function planWindows(windows: readonly TimeRange[]): ReadPlan {
  const boundaries = [...new Set(windows.flatMap(({ start, end }) => [start, end]))].sort((a, b) => a - b);
  const merged: TimeRange[] = [];
  for (const { start, end } of windows.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last && start <= last.end) last.end = Math.max(last.end, end);
    else merged.push({ start, end });
  }
  const segments = merged.flatMap(
    (range) =>
      planOver(range, [
        range.start,
        ...boundaries.filter((at) => at > range.start && at < range.end),
        range.end,
      ]).segments,
  );
  return { covered: { start: boundaries[0] ?? 0, end: boundaries.at(-1) ?? 0 }, boundaries, segments };
}

/** Reads each bucket from the coarsest rollups that fit into it. Neighbours of one grain become one segment. */
function planOver(covered: TimeRange, boundaries: number[]): ReadPlan {
  const segments: Segment[] = [];
  for (const [index, boundary] of boundaries.entries()) {
    const start = Math.max(covered.start, boundary);
    const end = Math.min(covered.end, boundaries[index + 1] ?? boundary);
    for (const segment of cover({ start, end }, coarsestGrain)) {
      const last = segments.at(-1);
      if (last?.grain === segment.grain && last.end === segment.start) last.end = segment.end;
      else segments.push(segment);
    }
  }
  return { covered, boundaries, segments };
}

function cover({ start, end }: TimeRange, grain: Grain): Segment[] {
  if (start >= end) return [];
  const [finer] = finerThan(grain);
  if (!finer) return [{ grain, start, end }];
  const from = bucketEnd(grain, start);
  const to = bucketStart(grain, end);
  if (from >= to) return cover({ start, end }, finer);
  return [
    ...cover({ start, end: from }, finer),
    { grain, start: from, end: to },
    ...cover({ start: to, end }, finer),
  ];
}

/** @throws {CodedError} `too_many_points`, naming the granularity that would fit */
export function refuseTooMany(points: number, range: TimeRange, series = 1): void {
  if (points * series <= MAX_POINTS) return;
  const fitting = granularities.find(
    (granularity) => estimateBuckets(range, granularity) * series <= MAX_POINTS,
  );
  const advice = fitting ? `use granularity=${fitting} or a shorter range` : 'choose a shorter range';
  const message = `the answer would have more than ${MAX_POINTS} points; ${advice}`;
  throw new CodedError('too_many_points', message, { faults: [{ path: 'granularity', message }] });
}

interface BucketsNotKept {
  bucketing: Bucketing;
  timezone: string;
  /** A parameter with which there would be an answer. */
  advice: string | undefined;
}

function notKept(
  grain: Grain,
  keptSince: number,
  { bucketing, timezone, advice }: BucketsNotKept,
): CodedError {
  const instead = advice ?? (grain.name === 'day' ? 'granularity=week' : 'timezone=UTC');
  const what = whatIsNotKept(grain, bucketing, timezone);
  const message = `${what} kept since ${iso(keptSince)}; start there, or use ${instead}`;
  return new CodedError('range_not_kept', message, { faults: [{ path: 'start', message }] });
}

/** The grains that may take the place of buckets that are as fine as a grain, from fine to coarse. */
function coarserBucketings(bucketing: Bucketing): Grain[] {
  const grain = grains.find(({ name }) => name === bucketing);
  return grain && isFine(bucketing) ? coarserThan(grain) : [];
}

function isFine(bucketing: Bucketing): boolean {
  return bucketing === 'minute' || bucketing === 'quarter_hour' || bucketing === 'hour';
}

function whatIsNotKept(grain: Grain, bucketing: Bucketing, zone: string): string {
  if (isFine(bucketing)) return `${bucketing.replace('_', ' ')}s are`;
  return grain.name === 'day' ? 'days are' : `a ${shownAs(bucketing)} of ${zone} is made of hours, which are`;
}
