import { ALL_ORGS } from '../../events/all-orgs.ts';
import { HOUR } from '../../time.ts';
import type { Comparison } from './comparison.ts';
import type { Freshness } from './freshness.ts';
import type { ReadPlan } from './read-plan.ts';
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
  /** Why they are compared with nothing, though a comparison was asked for. */
  notCompared?: string;
}

/** How the numbers of an answer were read. */
interface AsRead {
  plan: ReadPlan;
  planBefore?: ReadPlan | undefined;
  notCompared?: string | undefined;
}

export function frameOf(
  { orgId, timezone, compare }: AdminQuestion,
  freshness: Freshness,
  { plan, planBefore, notCompared }: AsRead,
): AdminFrame {
  return {
    orgId: orgId === ALL_ORGS ? null : orgId,
    ...inWords(plan.covered),
    timezone,
    asOf: freshness.asOf,
    freshness,
    ...(compare && planBefore && { comparison: { with: compare, ...inWords(planBefore.covered) } }),
    ...(compare && notCompared !== undefined && { notCompared }),
  };
}

export function inWords({ start, end }: TimeRange): { start: string; end: string } {
  return {
    start: new Date(start).toISOString(),
    end: new Date(end).toISOString(),
  };
}

const fromFineToCoarse = [...fineGranularities, ...granularities] as const;

/**
 * How the points of a question may be cut: as it says, else so that the range has some tens of them, or as much coarser
 * as is needed. Where not even weeks of the zone are kept any more, the range is one point.
 */
export function bucketingsFor({ granularity, range }: AdminQuestion): readonly Bucketing[] {
  if (granularity !== undefined) return [granularity];
  return [...fromFineToCoarse.slice(fromFineToCoarse.indexOf(suited(range))), 'whole'];
}

function suited({ start, end }: TimeRange): (typeof fromFineToCoarse)[number] {
  const length = end - start;
  if (length <= 2 * HOUR) return 'minute';
  if (length <= 12 * HOUR) return 'quarter_hour';
  return length <= 72 * HOUR ? 'hour' : 'day';
}
