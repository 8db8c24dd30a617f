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
  type TimeRange,
} from './time-buckets.ts';

/** A part of the range, and the grain it is read at. */
export interface Segment extends TimeRange {
  grain: Grain;
}

/** How a question over a range is answered from rollups. */
export interface ReadPlan {
  /** What the numbers cover: the range asked for, widened to the finest rollups still kept for its ends. */
  covered: TimeRange;
  /** The start of each bucket, and the end of the last; milliseconds. */
  boundaries: number[];
  segments: Segment[];
}

export const MAX_POINTS = 10_000;

function iso(millis: number): string {
  return new Date(millis).toISOString();
}

/** Milliseconds for which a grain is kept. */
type Kept = (grain: Grain) => number;

function finestKept(at: number, now: number, kept: Kept): Grain {
  return grains.find((grain) => bucketStart(grain, at) >= now - kept(grain)) ?? coarsestGrain;
}

/**
 * Plans the reading of a range: every bucket from the coarsest rollups that fit into it, what they leave at its
 * ends from finer ones. Only the minutes and quarters about the midnights of a zone are read as such.
 * @throws {CodedError} `too_many_points`; `range_not_kept` when buckets in this zone would need rollups
 *   finer than those that are kept for so long
 * @param type of the events whose rollups are read: those of some are kept longer
 */
export function planRead(
  range: TimeRange,
  bucketing: Bucketing,
  zone: string,
  now: number,
  type?: string,
): ReadPlan {
  const kept: Kept = (grain) => keptFor(grain, type);
  refuseTooMany(estimateBuckets(range, bucketing) - 2, range);
  const start = bucketStart(finestKept(range.start, now, kept), range.start);
  const finestAtEnd = finestKept(range.end, now, kept);
  let missing: Grain | undefined;
  // What sticks out at the end begins before it, and may do so just where its grain is no longer kept.
  for (const grain of [finestAtEnd, ...coarserThan(finestAtEnd)]) {
    const covered = { start, end: bucketEnd(grain, range.end) };
    const plan = planOver(covered, bucketBoundaries(covered, bucketing, zone));
    refuseTooMany(plan.boundaries.length - 1, range);
    const lost = plan.segments.find(({ grain, start }) => start < now - kept(grain));
    if (!lost || lost.grain === coarsestGrain) return plan;
    missing ??= lost.grain;
  }
  throw notKept(missing ?? coarsestGrain, bucketing, zone, now, kept);
}

/** A plan, and how it cuts the range into buckets. */
export interface CutPlan {
  plan: ReadPlan;
  bucketing: Bucketing;
}

/**
 * Plans the reading of a range in the first of several ways to cut it that is still kept and has not too many points.
 * @param bucketings at least one
 * @throws {CodedError} what `planRead` throws for the last, where none is
 */
export function planFirst(
  range: TimeRange,
  bucketings: readonly Bucketing[],
  zone: string,
  now: number,
  type?: string,
): CutPlan {
  let refusal: CodedError | undefined;
  for (const bucketing of bucketings) {
    try {
      return { plan: planRead(range, bucketing, zone, now, type), bucketing };
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      refusal = error;
    }
  }
  throw refusal ?? new Error('a range is cut in some way');
}

/**
 * Plans the reading of windows of time, which may overlap and lie far apart: between two neighbouring starts or
 * ends is a bucket, and only what lies in some window is read. Rollups as fine as the ends of each must be kept.
 * @param windows their ends are whole minutes, those of the past days whole quarters of an hour
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

/** Bucket by bucket, each from the coarsest rollups that fit into it; neighbours at one grain are one segment. */
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
  const advice = fitting ? `granularity=${fitting} would fit` : 'ask for a shorter range';
  const message = `the range has more than ${MAX_POINTS} points at this granularity; ${advice}`;
  throw new CodedError('too_many_points', message, { faults: [{ path: 'granularity', message }] });
}

function notKept(grain: Grain, bucketing: Bucketing, zone: string, now: number, kept: Kept): CodedError {
  const since = iso(now - kept(grain));
  const message = `${whatIsNotKept(grain, bucketing, zone)} kept since ${since}; start there, or ask for ${
    coarserBucketing[bucketing] ?? (grain.name === 'day' ? 'granularity=week' : 'timezone=UTC')
  }`;
  return new CodedError('range_not_kept', message, { faults: [{ path: 'start', message }] });
}

const coarserBucketing: Partial<Record<Bucketing, string>> = {
  minute: 'granularity=hour',
  quarter_hour: 'granularity=day',
  hour: 'granularity=day',
};

function whatIsNotKept(grain: Grain, bucketing: Bucketing, zone: string): string {
  if (coarserBucketing[bucketing] !== undefined) return `${bucketing.replace('_', ' ')}s are`;
  return grain.name === 'day' ? 'days are' : `a ${bucketing} of ${zone} is made of hours, which are`;
}
