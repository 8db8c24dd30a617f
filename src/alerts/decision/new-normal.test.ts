import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY, HOUR } from '../../time.ts';
import { readRule } from '../rules/read-rule.ts';
import type { Rule } from '../rules/rule.ts';
import type { Spread } from '../rules/spread.ts';
import { initialState } from './alert-state.ts';
import { baselineEnds, baselineOf, type PastValue, SETTLING, STEP } from './baseline.ts';
import { decide } from './decide.ts';
import { countedValue } from './new-normal.ts';

const START = Date.UTC(2026, 5, 1);
const KNOWN = 50 * DAY;

const read = readRule(
  { name: 'r', metric: 'usage.latency_p95', type: 'anomaly', forSeconds: 1_800, intervalSeconds: 900 },
  { allOrgs: false },
);
if (Array.isArray(read)) throw new Error(JSON.stringify(read));
const rule = read;

/** A level that is higher by day, with a little of a sawtooth so that it has a spread. */
function usual(at: number): number {
  const hour = (at % DAY) / HOUR;
  return (hour >= 6 && hour < 20 ? 200 : 100) * (1 + 0.02 * ((at / STEP) % 5));
}

interface Series {
  rule: Rule;
  spread: Spread;
  /** The values before the change. */
  before: (at: number) => number;
}

const ofLatency: Series = { rule, spread: { log: true, chance: null }, before: usual };

/** What happens to a group whose values change after `KNOWN`: each transition, with the days since the change. */
function live(
  days: number,
  valueAt: (at: number, sinceChange: number) => number,
  known = KNOWN,
  { rule, spread, before }: Series = ofLatency,
) {
  const values = new Map<number, PastValue>();
  const changed = START + KNOWN;
  for (let at = changed - known; at <= changed + days * DAY; at += STEP)
    values.set(at, { value: at > changed ? valueAt(at, at - changed) : before(at), samples: 50 });
  const wrong = new Set<number>();
  const told: { day: number; name: string; reason: string; kind: string | null }[] = [];
  let state = initialState(changed);
  for (let at = changed + STEP; at <= changed + days * DAY; at += STEP) {
    const { normal } = state;
    const past = (end: number) => {
      const value = values.get(end);
      const window = { start: end - STEP, end };
      return (
        value &&
        countedValue(window, value, { wrong: wrong.has(end) ? [window] : [], normal, isShare: false })
      );
    };
    const baseline = baselineOf(at, { length: STEP }, spread, past);
    const complete = values.get(at) ?? { value: null, samples: 0 };
    const observed = { complete, current: [], previous: null, baseline, failure: null };
    const { transition, reason, ...decided } = decide(rule, observed, state, { now: at + SETTLING });
    state = decided.state;
    if (state.condition !== 'normal') wrong.add(at);
    if (transition)
      told.push({ day: (at - changed) / DAY, name: transition.name, reason, kind: transition.notice });
  }
  return { told, state, ends: told.filter(({ name }) => name === 'resolved') };
}

test('a value that stays unusual for half a week is the new normal: its alert ends once, with a notice', () => {
  const { told, state, ends } = live(30, (at) => 3 * usual(at));
  expect(ends).toMatchObject([{ reason: 'new_normal', kind: 'resolved' }]);
  expect(ends[0]?.day).toBeGreaterThan(3);
  expect(ends[0]?.day).toBeLessThan(4);
  expect(told.filter(({ name }) => name === 'firing')).toHaveLength(1);
  expect(state).toMatchObject({ condition: 'normal', normal: { since: START + KNOWN + STEP + SETTLING } });
  expect(state.normal?.factors?.every((factor) => Math.abs(factor - 3) < 0.2)).toBe(true);
});

test('what is unusual for the new normal fires again, also the old level', () => {
  const { told } = live(20, (at, since) => (since > 10 * DAY ? 1 : 3) * usual(at));
  expect(told.filter(({ name }) => name === 'firing').map(({ day }) => Math.round(day))).toEqual([0, 10]);
});

test('an incident of three days is no new normal', () => {
  const { ends, state } = live(10, (at, since) => (since < 3 * DAY ? 3 : 1) * usual(at));
  expect(ends).toMatchObject([{ reason: 'recovered' }]);
  expect(state.normal).toBeNull();
});

test('a change of the nights alone is learned for the nights alone', () => {
  const night = (at: number) => ((at - STEP) % DAY) / HOUR < 6;
  const { ends, told, state } = live(30, (at) => (night(at) ? 3 : 1) * usual(at));
  expect(ends.at(-1)).toMatchObject({ reason: 'new_normal' });
  expect(told.at(-1)?.day).toBeLessThan(8);
  expect(state.normal?.factors?.map((factor) => Math.round(factor))).toEqual(
    Array.from({ length: 24 }, (_, hour) => (hour < 6 ? 3 : 1)),
  );
});

test('a value that falls to nothing is learned too', () => {
  const { ends, told } = live(30, () => 0);
  expect(ends).toMatchObject([{ reason: 'new_normal' }]);
  expect(told.filter(({ name }) => name === 'firing')).toHaveLength(1);
});

test('a value of which only a day is known does not stay unusual for ever', () => {
  const { ends } = live(5, (at) => 5 * usual(at), 1.5 * DAY);
  expect(ends[0]).toMatchObject({ reason: 'new_normal' });
  expect(ends[0]?.day).toBeLessThan(4);
});

test('the same hour of the week is that of the local clock, over a change of the clocks', () => {
  // Noon in Berlin on the Monday after the clocks were put forward, and noon on the Monday before.
  const noon = Date.UTC(2026, 2, 30, 10);
  const before = Date.UTC(2026, 2, 23, 11);
  const [week, day] = baselineEnds(noon, { length: HOUR, timezone: 'Europe/Berlin' });
  expect(week?.ends[0]).toBe(before);
  expect(day?.ends[0]).toBe(Date.UTC(2026, 2, 29, 10));
  expect(day?.ends[1]).toBe(Date.UTC(2026, 2, 28, 11));
  expect(baselineEnds(noon, { length: HOUR })[0]?.ends[0]).toBe(Date.UTC(2026, 2, 23, 10));
});

test('whatever level a value keeps, people hear of it at once, and once that it is the new normal', () => {
  const factor = fc.oneof(fc.integer({ min: 20, max: 90 }), fc.integer({ min: 2, max: 4 }));
  fc.assert(
    fc.property(factor, fc.integer({ min: 0, max: 95 }), (tenths, quarter) => {
      // Some change of noise on top, which the seed of the run decides.
      const noise = (at: number) => 1 + 0.01 * (((at / STEP) * 7 + quarter) % 5);
      const { told, ends, state } = live(14, (at) => (tenths / 10) * usual(at) * noise(at));
      expect(told[0]).toMatchObject({ name: 'firing', kind: 'firing' });
      expect(told[0]?.day).toBeLessThan(0.1);
      expect(ends).toMatchObject([{ reason: 'new_normal', kind: 'resolved' }]);
      expect(
        told.filter(({ kind }) => kind === 'firing'),
        'firings',
      ).toHaveLength(1);
      expect(state.workflow).toBe('none');
    }),
    { numRuns: 12, interruptAfterTimeLimit: 10_000 },
  );
});

test('a change that chance often hides is learned whole: also at the hours whose values were hardly ever unusual', () => {
  const rare = readRule(
    { name: 'r', metric: 'usage.count', type: 'anomaly', forSeconds: 1_800, intervalSeconds: 900 },
    { allOrgs: false },
  );
  if (Array.isArray(rare)) throw new Error(JSON.stringify(rare));
  const random = seeded(7);
  // A count of two in a window by night and eight by day, and three times as many after the change.
  const level = (at: number) => ((at % DAY) / HOUR < 8 ? 2 : 8) * (at > START + KNOWN ? 3 : 1);
  const { ends, state, told } = live(40, (at) => poisson(level(at), random), KNOWN, {
    rule: rare,
    spread: { log: false, chance: 'count' },
    before: (at) => poisson(level(at), random),
  });
  expect(ends.at(-1)).toMatchObject({ reason: 'new_normal' });
  expect(told.at(-1)?.day).toBeLessThan(7);
  for (const factor of state.normal?.factors ?? [0]) {
    expect(factor).toBeGreaterThan(2);
    expect(factor).toBeLessThan(4);
  }
});

/** How often something happens by chance that happens `mean` times on average. */
function poisson(mean: number, random: () => number): number {
  let count = 0;
  for (let left = Math.exp(-mean), product = random(); product > left; product *= random()) count++;
  return count;
}

/** Numbers from 0 to 1 that are the same on every run (the constants are those of Numerical Recipes). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
