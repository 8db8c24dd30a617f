import { ALL_ORGS } from '../../events/all-orgs.ts';
import { DAY, HOUR } from '../../time.ts';
import type { LabelFilters } from './alternatives.ts';
import { type Comparison, MAX_LENGTH_DIFFERENCE } from './comparison.ts';
import type { Freshness } from './freshness.ts';
import type { ReadPlan } from './read-plan.ts';
import {
  type Bucketing,
  beginningOn,
  fineGranularities,
  granularities,
  type TimeRange,
  type WeekStart,
} from './time-buckets.ts';

/** A query of the admin API over a range of time. */
export interface AdminQuery {
  /** An org, or `ALL_ORGS` for all of them together. */
  orgId: string;
  range: TimeRange;
  /** Width of the points of a series. `undefined` chooses one that suits the range and is still kept. */
  granularity: Bucketing | undefined;
  /** The day on which weeks begin; Sunday by default. */
  weekStart?: WeekStart | undefined;
  timezone: string;
  compare: Comparison | undefined;
  /** The values of labels to select. They need an org. */
  labels?: LabelFilters;
  /** Milliseconds since the epoch. */
  now: number;
  /** Why the answer is in UTC, if it is not in the zone that was asked for. */
  zoneNote?: string;
}

/** The part of an answer that says what it is compared with. */
export interface ComparisonMetadata {
  /** The earlier range that the numbers are compared with. */
  comparison?: { with: Comparison; start: string; end: string; note?: string };
  /** Why a requested comparison is missing. */
  notCompared?: string;
}

/** The part that every answer to such a query has. */
export interface AnswerMetadata extends ComparisonMetadata {
  /** `null` for all orgs together. */
  orgId: string | null;
  /** The range that the numbers cover: the requested one, widened to the finest rollups kept for its ends. */
  start: string;
  end: string;
  timezone: string;
  /** Why it is not in the zone of the query. */
  note?: string;
  /** Every event acknowledged before this moment is in the numbers. */
  asOf: string;
  freshness: Freshness;
}

/** The plans that the numbers of an answer were read by. */
interface AnswerPlans {
  plan: ReadPlan;
  planBefore?: ReadPlan | undefined;
  notCompared?: string | undefined;
}

export function metadataOf(
  { orgId, timezone, compare, zoneNote }: AdminQuery,
  freshness: Freshness,
  plans: AnswerPlans,
): AnswerMetadata {
  return {
    orgId: orgId === ALL_ORGS ? null : orgId,
    ...isoRange(plans.plan.covered),
    timezone,
    ...(zoneNote !== undefined && { note: zoneNote }),
    asOf: freshness.asOf,
    freshness,
    ...comparisonOf(compare, plans),
  };
}

export function comparisonOf(
  compare: Comparison | undefined,
  { plan, planBefore, notCompared }: AnswerPlans,
): ComparisonMetadata {
  if (compare === undefined) return {};
  return {
    ...(planBefore && {
      comparison: {
        with: compare,
        ...isoRange(planBefore.covered),
        ...noteOnLengths(plan.covered, planBefore.covered),
      },
    }),
    ...(notCompared !== undefined && { notCompared }),
  };
}

/** Ranges of different lengths differ in their sums for that reason alone, so the answer says so. */
function noteOnLengths(range: TimeRange, before: TimeRange): { note?: string } {
  const [length, lengthBefore] = [range.end - range.start, before.end - before.start];
  if (Math.abs(length - lengthBefore) <= length * MAX_LENGTH_DIFFERENCE) return {};
  const [unit, name] = Math.min(length, lengthBefore) >= 2 * DAY ? [DAY, 'days'] : [HOUR, 'hours'];
  const inUnit = (millis: number) => `${Math.round((millis / unit) * 10) / 10} ${name}`;
  return { note: `${inUnit(length)} are compared with ${inUnit(lengthBefore)}` };
}

export function isoRange({ start, end }: TimeRange): { start: string; end: string } {
  return {
    start: new Date(start).toISOString(),
    end: new Date(end).toISOString(),
  };
}

const fromFineToCoarse = [...fineGranularities, ...granularities] as const;

/**
 * The bucket widths that a series may have, the best first. An explicit granularity is the only one. Otherwise the first
 * gives the range some tens of points, and coarser ones follow. The last resort is the whole range as one point, for
 * times of which not even weeks of the zone are kept.
 */
export function bucketingsFor({ granularity, range, weekStart }: AdminQuery): readonly Bucketing[] {
  if (granularity !== undefined) return [beginningOn(granularity, weekStart)];
  const widths = fromFineToCoarse.slice(fromFineToCoarse.indexOf(suitableFor(range)));
  return [...widths.map((width) => beginningOn(width, weekStart)), 'whole'];
}

function suitableFor({ start, end }: TimeRange): (typeof fromFineToCoarse)[number] {
  const length = end - start;
  if (length <= 2 * HOUR) return 'minute';
  if (length <= 12 * HOUR) return 'quarter_hour';
  return length <= 72 * HOUR ? 'hour' : 'day';
}
