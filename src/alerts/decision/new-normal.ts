import type { TimeRange } from '../../queries/reading/time-buckets.ts';
import { DAY, floorTo, HOUR } from '../../time.ts';
import type { Rule } from '../rules/rule.ts';
import type { PastValue } from './baseline.ts';
import type { Verdict } from './verdict.ts';

/** The unusual time of the last days, while alerts of a group fire. Times are milliseconds, days and hours UTC. */
export interface UnusualTime {
  /** The last moment that is counted. */
  at: number;
  /** The last days: the start of each, its first unusual moment, and how long the value was unusual on it. */
  days: readonly { day: number; since: number; lasted: number }[];
  /** By hour of the day: how long, and the sums of the values and of the usual ones. Each day counts less than the next. */
  hours: readonly UnusualHour[];
}

interface UnusualHour {
  lasted: number;
  values: number;
  usual: number;
}

/** A level that a value keeps for so long that it is what is usual from now on. */
export interface NewNormal {
  /** When the value reached it, and when it was taken for the usual one; milliseconds. */
  since: number;
  at: number;
  /** Earlier values times this, by hour of the UTC day, are what they would be now. Null: they are dropped. */
  factors: readonly number[] | null;
  /** Values before this moment are of an even earlier level, and are dropped; null: there are none. */
  keptFrom: number | null;
}

/** A value that was unusual for half of so many days is the new normal. */
const DAYS = 7;
const ENOUGH = (DAYS * DAY) / 2;
/** So is one that was unusual on nearly every day, for so long: only some of its hours have changed. */
const NEARLY_EVERY = 6;
const ENOUGH_OF_DAY = 2 * HOUR;
/** An hour of the day that was unusual for less has not changed. */
const ENOUGH_OF_HOUR = HOUR;
/** How much yesterday counts beside today. */
const FADING = 0.7;
const HOURS = 24;
/** A longer time between two evaluations says nothing about the time between. */
const LONGEST_STEP = 2 * HOUR;
/** A level that changed by more than this is another thing, and not the same one at another scale. */
const MOST_FACTOR = 100;

/** A usual value is computed from values of so long. */
const BASELINE = 90 * DAY;

/** Whether some values of before the change still count for the usual value. */
export function isWithinBaseline({ at }: NewNormal, now: number): boolean {
  return now - at < BASELINE;
}

/** The unusual time after one more value of an alert. */
export function unusualAfter(
  rule: Rule,
  verdict: Verdict,
  { unusual, previous }: { unusual: UnusualTime | null; previous: number | null },
  now: number,
): UnusualTime | null {
  if (rule.type !== 'anomaly' || !isUnusual(verdict, previous)) return unusual;
  const counted = previous === null ? now : Math.max(previous, unusual?.at ?? previous);
  const lasted = Math.min(LONGEST_STEP, Math.max(0, now - counted));
  const day = floorTo(DAY, now);
  const kept = (unusual?.days ?? []).filter((one) => one.day > now - DAYS * DAY && one.day <= day);
  const today = kept.find((one) => one.day === day) ?? { day, since: now, lasted: 0 };
  const passed = kept.length === 0 ? DAYS : (day - Math.max(...kept.map((one) => one.day))) / DAY;
  const hour = hourOf(now);
  const { reference } = verdict;
  const { value } = verdict.measured;
  return {
    at: now,
    days: [...kept.filter((one) => one !== today), { ...today, lasted: today.lasted + lasted }],
    hours: Array.from({ length: HOURS }, (_, index) => {
      const faded = fadedBy(FADING ** passed, unusual?.hours[index]);
      if (index !== hour) return faded;
      if (reference === null || value === null) return { ...faded, lasted: faded.lasted + lasted };
      return {
        lasted: faded.lasted + lasted,
        values: faded.values + value,
        usual: faded.usual + reference,
      };
    }),
  };
}

/**
 * Whether a value is unusual. So is one of an open alert that has nothing left to be compared with: everything that was known
 * of it has been unusual for too long.
 */
export function isUnusual({ says, reason }: Verdict, previous: number | null): boolean {
  return says === 'wrong' || (reason === 'warming_up' && previous !== null);
}

function fadedBy(share: number, { lasted, values, usual }: UnusualHour = NOT_UNUSUAL): UnusualHour {
  return { lasted: lasted * share, values: values * share, usual: usual * share };
}

const NOT_UNUSUAL: UnusualHour = { lasted: 0, values: 0, usual: 0 };

function hourOf(at: number): number {
  return Math.floor((((at % DAY) + DAY) % DAY) / HOUR);
}

/** The new normal that the unusual time amounts to; undefined: it is too short. */
export function newNormalOf(
  { days, hours }: UnusualTime,
  before: NewNormal | null,
  now: number,
): NewNormal | undefined {
  const isHalf = days.reduce((sum, { lasted }) => sum + lasted, 0) >= ENOUGH;
  const isNearlyEvery = days.filter(({ lasted }) => lasted >= ENOUGH_OF_DAY).length >= NEARLY_EVERY;
  if (!isHalf && !isNearlyEvery) return undefined;
  const factors = isHalf ? overall(hours) : hours.map(factorOfHour);
  return {
    since: Math.min(...days.map(({ since }) => since)),
    at: now,
    factors: factors.every((factor) => factor > 1 / MOST_FACTOR && factor < MOST_FACTOR) ? factors : null,
    keptFrom: before?.since ?? null,
  };
}

/** The same factor for every hour: where a value is quiet, the change may not show although it is there. */
function overall(hours: readonly UnusualHour[]): number[] {
  const total = (of: (hour: UnusualHour) => number) => hours.reduce((sum, hour) => sum + of(hour), 0);
  return new Array<number>(HOURS).fill(total(({ values }) => values) / total(({ usual }) => usual));
}

function factorOfHour({ lasted, values, usual }: UnusualHour): number {
  return lasted < ENOUGH_OF_HOUR ? 1 : values / usual;
}

/**
 * An earlier value as it counts for the usual value; undefined: it does not count.
 * @param window the window of the value, whose end is at the latest now
 * @param wrong when the group was wrong
 * @param share whether the value is a share, which is 1 at most
 */
export function countedValue(
  window: TimeRange,
  value: PastValue,
  { wrong, normal, isShare }: { wrong: readonly TimeRange[]; normal: NewNormal | null; isShare: boolean },
): PastValue | undefined {
  if (normal && window.start >= normal.since && window.start < normal.at) return value;
  if (wrong.some(({ start, end }) => window.start < end && window.end > start)) return undefined;
  if (!normal || window.start >= normal.at) return value;
  if (normal.factors === null || window.end > normal.since) return undefined;
  if (normal.keptFrom !== null && window.start < normal.keptFrom) return undefined;
  const scaled = value.value * (normal.factors[hourOf(window.start)] ?? 1);
  return { ...value, value: isShare ? Math.min(1, scaled) : scaled };
}
