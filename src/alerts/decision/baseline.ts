import { DAY, HOUR, MINUTE, SECOND } from '../../time.ts';
import type { Spread } from '../rules/spread.ts';
import { zoneOffset } from './zone-offset.ts';

/**
 * The usual value at a time, computed from earlier values. They are those of the same hour of the week, if enough are
 * known. Otherwise they are those of the same hour of the day, or those of the last day. The usual value is the median
 * with the median absolute deviation. A few odd values do not move these (Rousseeuw and Croux, Alternatives to the
 * Median Absolute Deviation, 1993).
 */
export interface Baseline {
  kind: 'hour_of_week' | 'hour_of_day' | 'last_day' | 'warming_up';
  samples: number;
  /** In the unit of the metric. Null while warming up. */
  median: number | null;
  /** The robust standard deviation: of the logarithm if `log`, else in the unit of the metric. */
  deviation: number | null;
  log: boolean;
}

/** An earlier value, and how many events it was computed from. */
export interface PastValue {
  value: number;
  samples: number;
}

/** Fewer earlier values than this say nothing about the usual value. */
export const LEAST_SAMPLES = 28;
/** The step between earlier windows: the finest rollups that are kept for weeks. */
export const STEP = 15 * MINUTE;
/** A window is evaluated this long after its end: events of its last moments need the time to be sent and stored. */
export const SETTLING = 10 * SECOND;
const WEEK = 7 * DAY;
const WEEKS = 12;
const DAYS = 35;
/** Windows this far from the same time of the week or day still count as the same hour. */
const AROUND = HOUR / 2;

/** Makes the median absolute deviation of a normal distribution its standard deviation: 1 / Φ⁻¹(3/4). */
const MAD_TO_DEVIATION = 1.4826;
/** A difference of less than this share of the median is not unusual, however steady the past was. */
const LEAST_SPREAD = 0.02;
/**
 * Below so many events in a window, values are steps: half of them may be zero, and then their median and their median
 * deviation are zero too. There the mean of the middle half is the usual value if it is larger, and the deviation is at
 * least the standard deviation of the values without the ends.
 */
const FEW_EVENTS = 10;
/** The share of the values at each end that may be odd ones. */
const ODD = 0.05;
/** Replaces zero in logarithms: a microsecond, or a hundredth of the smallest amount. */
const TINY = 1e-3;

/** The windows that a baseline compares, and the clock by which people live. */
export interface Season {
  /** The length of a window; milliseconds. */
  length: number;
  /** An IANA zone, whose clocks say which hour of the week it is; null or absent: UTC. */
  timezone?: string | null;
}

/** The ends of the windows of each kind of baseline, the best kind first; milliseconds. */
export function baselineEnds(
  end: number,
  { length: windowMs, timezone = null }: Season,
): { kind: Exclude<Baseline['kind'], 'warming_up'>; ends: number[] }[] {
  const around: number[] = [];
  // A window of more than half an hour is compared only with the same time.
  for (let off = windowMs > HOUR / 2 ? 0 : -AROUND; off <= (windowMs > HOUR / 2 ? 0 : AROUND); off += STEP) {
    around.push(off);
  }
  const local = end + zoneOffset(timezone, end);
  // The same time of the local clock: over a change of the clocks a day has 23 or 25 hours.
  const sameTime = (ago: number) => local - ago - zoneOffset(timezone, end - ago);
  const every = (period: number, times: number) =>
    Array.from({ length: times }, (_, index) => sameTime((index + 1) * period)).flatMap((same) =>
      around.map((off) => same + off),
    );
  const steps = Math.floor((DAY - windowMs) / STEP) + 1;
  return [
    { kind: 'hour_of_week', ends: every(WEEK, WEEKS) },
    { kind: 'hour_of_day', ends: every(DAY, DAYS) },
    { kind: 'last_day', ends: Array.from({ length: steps }, (_, index) => end - windowMs - index * STEP) },
  ];
}

/**
 * The baseline for the window that ends at `end`.
 * @param past the value of the window that ends then; undefined: there is none, or it is excluded
 */
export function baselineOf(
  end: number,
  season: Season,
  spread: Spread,
  past: (end: number) => PastValue | undefined,
): Baseline {
  const { log } = spread;
  let most = 0;
  for (const { kind, ends } of baselineEnds(end, season)) {
    const values = ends.map(past).filter((value) => value !== undefined);
    most = Math.max(most, values.length);
    if (values.length >= LEAST_SAMPLES)
      return { kind, samples: values.length, log, ...spreadOf(values, spread) };
  }
  return { kind: 'warming_up', samples: most, median: null, deviation: null, log };
}

function spreadOf(
  values: readonly PastValue[],
  { log, chance }: Spread,
): { median: number; deviation: number } {
  const scaled = values.map(({ value }) => (log ? logOf(value) : value)).sort(ascending);
  const samples = medianOfSorted(values.map((value) => Math.max(1, value.samples)).sort(ascending));
  const median = medianOfSorted(scaled);
  const isFew = chance !== null && FEW_EVENTS > median * (chance === 'count' ? 1 : samples);
  const middle = isFew ? Math.max(median, meanOf(withoutEnds(scaled, 1 / 4))) : median;
  const mad = medianOfSorted(scaled.map((value) => Math.abs(value - median)).sort(ascending));
  const least = Math.max(
    log ? LEAST_SPREAD : LEAST_SPREAD * Math.abs(middle),
    chance === null ? 0 : byChance(chance, middle, samples),
    isFew ? standardDeviationOf(withoutEnds(scaled, ODD)) : 0,
  );
  return {
    median: log ? Math.exp(middle) : middle,
    deviation: Math.max(MAD_TO_DEVIATION * mad, least),
  };
}

/** The sorted values without so large a share of the lowest and of the highest. */
function withoutEnds(sorted: readonly number[], share: number): readonly number[] {
  const left = Math.floor(sorted.length * share);
  return sorted.slice(left, sorted.length - left);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function standardDeviationOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)));
}

/**
 * How many robust standard deviations a value is above the usual value; negative: below. This is the modified z-score
 * of Iglewicz and Hoaglin (How to Detect and Handle Outliers, 1993). Null while warming up.
 */
export function deviationsFrom({ median, deviation, log }: Baseline, value: number): number | null {
  if (median === null || deviation === null) return null;
  const difference = log ? logOf(value) - logOf(median) : value - median;
  if (difference === 0) return 0;
  return deviation === 0 ? Math.sign(difference) * Number.MAX_VALUE : difference / deviation;
}

/** The value that is so many deviations above the usual value; null while warming up. */
export function deviatedBy({ median, deviation, log }: Baseline, deviations: number): number | null {
  if (median === null || deviation === null) return null;
  return log ? Math.exp(logOf(median) + deviations * deviation) : median + deviations * deviation;
}

function byChance(chance: 'count' | 'share', middle: number, samples: number): number {
  if (chance === 'count') return Math.sqrt(Math.max(1, middle));
  return Math.sqrt(Math.max(middle * (1 - middle), 1 / samples) / samples);
}

function logOf(value: number): number {
  return Math.log(Math.max(value, TINY));
}

function ascending(a: number, b: number): number {
  return a - b;
}

function medianOfSorted(sorted: readonly number[]): number {
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? 0) + upper) / 2;
}
