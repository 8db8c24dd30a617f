import { DAY, HOUR, MINUTE } from '../../time.ts';
import type { Spread } from '../rules/spread.ts';

/**
 * What is usual at this time, told from the past: the same hour of the week if enough of it is known, else the
 * same hour of the day, else the last day. Median and median absolute deviation, which a few odd values do not
 * move (Rousseeuw and Croux, Alternatives to the Median Absolute Deviation, 1993).
 */
export interface Baseline {
  kind: 'hour_of_week' | 'hour_of_day' | 'last_day' | 'warming_up';
  samples: number;
  /** In the unit of the metric. Null while warming up. */
  median: number | null;
  /** Robust standard deviation: of the logarithm where `log`, else in the unit of the metric. */
  deviation: number | null;
  log: boolean;
}

/** A value of the past, and how many events it is made of. */
export interface PastValue {
  value: number;
  samples: number;
}

/** Fewer samples than this say nothing of what is usual. */
export const LEAST_SAMPLES = 28;
/** Windows of the past are looked at in steps of the finest rollups that are kept for weeks. */
export const STEP = 15 * MINUTE;
const WEEK = 7 * DAY;
const WEEKS = 12;
const DAYS = 35;
/** How far from the same time of the week or day still counts as the same hour. */
const AROUND = HOUR / 2;

/** Makes the median absolute deviation of a normal distribution its standard deviation: 1 / Φ⁻¹(3/4). */
const MAD_TO_DEVIATION = 1.4826;
/** However steady the past was, less than this share of the median is not unusual by itself. */
const LEAST_SPREAD = 0.02;
/** Stands for zero where logarithms are taken: a microsecond, a hundredth of the smallest amount. */
const TINY = 1e-3;

/** The ends of the windows that each kind of baseline is made of, the best kind first; milliseconds. */
export function baselineEnds(
  end: number,
  windowMs: number,
): { kind: Exclude<Baseline['kind'], 'warming_up'>; ends: number[] }[] {
  const around: number[] = [];
  // A window of an hour or more is the same hour only at the same time.
  for (let off = windowMs > HOUR / 2 ? 0 : -AROUND; off <= (windowMs > HOUR / 2 ? 0 : AROUND); off += STEP) {
    around.push(off);
  }
  const every = (period: number, times: number) =>
    Array.from({ length: times }, (_, index) => end - (index + 1) * period).flatMap((same) =>
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
 * @param past the value of the window ending then, or undefined where there is none or it is left out
 */
export function baselineOf(
  end: number,
  windowMs: number,
  spread: Spread,
  past: (end: number) => PastValue | undefined,
): Baseline {
  const { log } = spread;
  let most = 0;
  for (const { kind, ends } of baselineEnds(end, windowMs)) {
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
  const middle = medianOfSorted(scaled);
  const mad = medianOfSorted(scaled.map((value) => Math.abs(value - middle)).sort(ascending));
  const least = Math.max(
    log ? LEAST_SPREAD : LEAST_SPREAD * Math.abs(middle),
    chance === null ? 0 : byChance(chance, middle, values),
  );
  return {
    median: log ? Math.exp(middle) : middle,
    deviation: Math.max(MAD_TO_DEVIATION * mad, least),
  };
}

/**
 * How many robust standard deviations a value is above (or, negative, below) what is usual: the modified z-score
 * of Iglewicz and Hoaglin (How to Detect and Handle Outliers, 1993). Null while warming up.
 */
export function deviationsFrom({ median, deviation, log }: Baseline, value: number): number | null {
  if (median === null || deviation === null) return null;
  const difference = log ? logOf(value) - logOf(median) : value - median;
  if (difference === 0) return 0;
  return deviation === 0 ? Math.sign(difference) * Number.MAX_VALUE : difference / deviation;
}

function byChance(chance: 'count' | 'share', middle: number, values: readonly PastValue[]): number {
  if (chance === 'count') return Math.sqrt(Math.max(1, middle));
  const samples = medianOfSorted(values.map((value) => Math.max(1, value.samples)).sort(ascending));
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
