import type { TimeRange } from '../../queries/reading/time-buckets.ts';
import { DAY, floorTo, HOUR, SECOND } from '../../time.ts';
import type { Rule } from '../rules/rule.ts';
import { type PastValue, SETTLING, STEP } from './baseline.ts';
import type { Verdict } from './verdict.ts';

/** The unusual time of the last days, and all values since it began. Times are milliseconds, days and hours UTC. */
export interface UnusualTime {
  /** The last unusual moment that is counted. */
  at: number;
  /** The start of the last window whose value is counted. */
  window: number;
  /** The last days: the start of each, its first unusual moment, and how long the value was unusual on it. */
  days: readonly { day: number; since: number; lasted: number }[];
  /** By hour of the day. Each day counts less than the next. */
  hours: readonly ObservedHour[];
}

/**
 * For how long an hour was observed, and the sums of its values and of the usual ones. Values that are not unusual count too:
 * the unusual ones alone are those that chance made largest, and would make the change look larger than it is.
 */
interface ObservedHour {
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
/** An hour of the day that was observed for less counts as unchanged. */
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

/** The unusual time after one more value. It begins with the first unusual one, and ends a week after the last. */
export function unusualAfter(
  rule: Rule,
  verdict: Verdict,
  { unusual, previous }: { unusual: UnusualTime | null; previous: number | null },
  now: number,
): UnusualTime | null {
  if (rule.type !== 'anomaly') return unusual;
  const isWrong = isUnusual(verdict, previous);
  if (unusual === null && !isWrong) return null;
  // Many evaluations see one window.
  const window = floorTo(STEP, now - SETTLING) - rule.windowSeconds * SECOND;
  const isCounted = unusual !== null && unusual.window === window;
  if (isCounted && !isWrong) return unusual;
  const day = floorTo(DAY, now);
  const kept = (unusual?.days ?? []).filter((one) => one.day > now - DAYS * DAY && one.day <= day);
  if (kept.length === 0 && !isWrong) return null;
  return {
    at: isWrong ? now : (unusual?.at ?? now),
    window,
    days: isWrong ? withUnusual(kept, now, lastedSince(rule, previous, unusual?.at ?? 0, now)) : kept,
    hours: isCounted ? unusual.hours : hoursAfter(rule, verdict, unusual, window),
  };
}

/** For how long a value has been unusual that is unusual now; a value that was not before, for one interval. */
function lastedSince(rule: Rule, previous: number | null, counted: number, now: number): number {
  const since = Math.max(counted, previous ?? now - rule.intervalSeconds * SECOND);
  return Math.min(LONGEST_STEP, Math.max(0, now - since));
}

function withUnusual(days: UnusualTime['days'], now: number, lasted: number): UnusualTime['days'] {
  const day = floorTo(DAY, now);
  const today = days.find((one) => one.day === day) ?? { day, since: now, lasted: 0 };
  return [...days.filter((one) => one !== today), { ...today, lasted: today.lasted + lasted }];
}

/** The hours with the value of one more window. */
function hoursAfter(
  { intervalSeconds }: Rule,
  { reference, measured: { value } }: Verdict,
  unusual: UnusualTime | null,
  window: number,
): ObservedHour[] {
  const passed = unusual === null ? 0 : (floorTo(DAY, window) - floorTo(DAY, unusual.window ?? 0)) / DAY;
  const hour = hourOf(window);
  const lasted = Math.min(HOUR, Math.max(STEP, intervalSeconds * SECOND));
  return Array.from({ length: HOURS }, (_, index) => {
    const faded = fadedBy(FADING ** Math.max(0, passed), unusual?.hours[index]);
    if (index !== hour || reference === null || value === null) return faded;
    return {
      lasted: faded.lasted + lasted,
      values: faded.values + value,
      usual: faded.usual + reference,
    };
  });
}

/**
 * Whether a value is unusual. So is one of an open alert that has nothing left to be compared with: everything that was known
 * of it has been unusual for too long.
 */
export function isUnusual({ says, reason }: Verdict, previous: number | null): boolean {
  return says === 'wrong' || (reason === 'warming_up' && previous !== null);
}

function fadedBy(share: number, { lasted, values, usual }: ObservedHour = NOT_OBSERVED): ObservedHour {
  return { lasted: lasted * share, values: values * share, usual: usual * share };
}

const NOT_OBSERVED: ObservedHour = { lasted: 0, values: 0, usual: 0 };

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

/** The same factor for every hour: few days are known, and a change of half of the time is mostly one of all. */
function overall(hours: readonly ObservedHour[]): number[] {
  const total = (of: (hour: ObservedHour) => number) => hours.reduce((sum, hour) => sum + of(hour), 0);
  return new Array<number>(HOURS).fill(total(({ values }) => values) / total(({ usual }) => usual));
}

function factorOfHour({ lasted, values, usual }: ObservedHour): number {
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
