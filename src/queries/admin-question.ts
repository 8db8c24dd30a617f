import { ALL_ORGS } from '../events/all-orgs.ts';
import { HOUR } from '../time.ts';
import { type Comparison, comparedRange } from './comparison.ts';
import type { Freshness } from './freshness.ts';
import { type Bucketing, fineGranularities, granularities, type TimeRange } from './time-buckets.ts';

/** A question of the admin API about a range of time. */
export interface AdminQuestion {
  /** An org, or `ALL_ORGS` for all together. */
  orgId: string;
  range: TimeRange;
  /** Of the points of a series, where the answer has one; `undefined`: what suits the range and is still kept. */
  granularity: Exclude<Bucketing, 'whole'> | undefined;
  timezone: string;
  compare: Comparison | undefined;
  /** Milliseconds since the epoch. */
  now: number;
}

/** What every answer to one says of itself. */
export interface AdminFrame {
  /** `null`: all orgs together. */
  orgId: string | null;
  /** What the numbers cover: the range asked for, widened to the finest rollups kept for its ends. */
  start: string;
  end: string;
  timezone: string;
  /** Every event acknowledged before this moment is in the numbers. */
  asOf: string;
  freshness: Freshness;
  /** What they are compared with. */
  comparison?: { with: Comparison; start: string; end: string };
}

/**
 * @param covered what the numbers cover
 * @param before what those compared with cover
 */
export const frameOf = (
  { orgId, timezone, compare }: AdminQuestion,
  freshness: Freshness,
  covered: TimeRange,
  before?: TimeRange,
): AdminFrame => ({
  orgId: orgId === ALL_ORGS ? null : orgId,
  ...inWords(covered),
  timezone,
  asOf: freshness.asOf,
  freshness,
  ...(before && compare && { comparison: { with: compare, ...inWords(before) } }),
});

export const inWords = ({ start, end }: TimeRange): { start: string; end: string } => ({
  start: new Date(start).toISOString(),
  end: new Date(end).toISOString(),
});

/** The same question about the time it is compared with; `undefined` without a comparison. */
export const questionBefore = (question: AdminQuestion): AdminQuestion | undefined => {
  const { compare, range, timezone } = question;
  return compare && { ...question, range: comparedRange(range, compare, timezone) };
};

const fromFineToCoarse = [...fineGranularities, ...granularities] as const;

/**
 * How the points of a question may be cut: as it says, else so that the range has some tens of them, or as much coarser
 * as is needed. Where not even weeks of the zone are kept any more, the range is one point.
 */
export const bucketingsFor = ({ granularity, range }: AdminQuestion): readonly Bucketing[] => {
  if (granularity !== undefined) return [granularity];
  return [...fromFineToCoarse.slice(fromFineToCoarse.indexOf(suited(range))), 'whole'];
};

const suited = ({ start, end }: TimeRange): (typeof fromFineToCoarse)[number] => {
  const length = end - start;
  if (length <= 2 * HOUR) return 'minute';
  if (length <= 12 * HOUR) return 'quarter_hour';
  return length <= 72 * HOUR ? 'hour' : 'day';
};
