import { describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../time.ts';
import { baselineEnds, baselineOf, deviationsFrom, LEAST_SAMPLES, type PastValue, STEP } from './baseline.ts';

const END = Date.UTC(2026, 2, 4, 12);
const PLAIN = { log: false, chance: null } as const;

function baselineFrom(
  valueAt: (end: number) => number | undefined,
  spread: Parameters<typeof baselineOf>[2] = PLAIN,
) {
  return baselineOf(END, { length: STEP }, spread, (end): PastValue | undefined => {
    const value = valueAt(end);
    return value === undefined ? undefined : { value, samples: 100 };
  });
}

describe('the past values of a baseline come from', () => {
  test.each([
    ['the same hour of the week', 90, 'hour_of_week', 60],
    ['the same hour of the day', 30, 'hour_of_day', 148],
    ['the last day', 2, 'last_day', 96],
  ])('%s', (_, days, kind, samples) => {
    expect(baselineFrom((end) => (end >= END - days * DAY ? 1 : undefined))).toMatchObject({ kind, samples });
  });

  test('a baseline needs at least 28 samples', () => {
    const known = (count: number) => (end: number) => (end > END - STEP * (count + 1) ? 1 : undefined);
    expect(baselineFrom(known(LEAST_SAMPLES - 1))).toMatchObject({
      kind: 'warming_up',
      samples: 27,
      median: null,
    });
    expect(baselineFrom(known(LEAST_SAMPLES))).toMatchObject({ kind: 'last_day', samples: 28, median: 1 });
  });

  test('a long window is compared only with windows at the same time of day', () => {
    const [week, day] = baselineEnds(END, { length: HOUR });
    expect(week?.ends).toHaveLength(12);
    expect(day?.ends).toHaveLength(35);
    expect(baselineEnds(END, { length: 30 * MINUTE })[0]?.ends).toHaveLength(60);
  });
});

describe('the deviation of a baseline', () => {
  test('ignores a few odd values', () => {
    const values = (end: number) => (end % DAY === END % DAY ? 10_000 : 100 + ((end / STEP) % 5));
    const { median, deviation } = baselineFrom(values);
    expect(median).toBeGreaterThanOrEqual(100);
    expect(median).toBeLessThanOrEqual(104);
    expect(deviation).toBeLessThan(4);
  });

  test('is at least two percent, and at least what chance explains in counts and shares', () => {
    expect(baselineFrom(() => 100).deviation).toBeCloseTo(2);
    expect(baselineFrom(() => 100, { log: false, chance: 'count' }).deviation).toBeCloseTo(10);
    expect(baselineFrom(() => 0, { log: false, chance: 'count' }).deviation).toBe(1);
    expect(baselineFrom(() => 0.5, { log: false, chance: 'share' }).deviation).toBeCloseTo(0.05);
  });

  test('is a ratio where the baseline is of logarithms', () => {
    const baseline = baselineFrom((end) => 2 ** (((end / STEP) % 3) - 1), { log: true, chance: null });
    expect(baseline.median).toBeCloseTo(1);
    expect(deviationsFrom(baseline, 8)).toBeCloseTo(-(deviationsFrom(baseline, 1 / 8) ?? 0));
  });
});

test('fewer than 0.5 percent of normally distributed values deviate by more than 3.5', () => {
  let state = 7;
  const uniform = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x80000000;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  let wrong = 0;
  const windows = 5_000;
  for (let window = 0; window < windows; window++) {
    const baseline = baselineFrom(() => 1_000 + 100 * normal());
    if (Math.abs(deviationsFrom(baseline, 1_000 + 100 * normal()) ?? 0) > 3.5) wrong++;
  }
  expect(wrong / windows).toBeLessThan(0.005);
});

test('a past that is mostly zero is no reason to find each small value unusual', () => {
  // Two of five windows had a failure in 48 calls or two: the median and the median deviation are zero.
  const shares = [0, 0, 2 / 48, 0, 4 / 48];
  const baseline = baselineFrom((end) => shares[(end / STEP) % shares.length] ?? 0, {
    log: false,
    chance: 'share',
  });
  expect(baseline.median).toBeGreaterThan(0);
  expect(Math.abs(deviationsFrom(baseline, 4 / 48) ?? 9)).toBeLessThan(3.5);
  expect(deviationsFrom(baseline, 0.5)).toBeGreaterThan(3.5);
});
