import { expect, test } from 'vitest';
import { readRule } from '../rules/read-rule.ts';
import type { Rule } from '../rules/rule.ts';
import { boundsOf } from './bounds.ts';
import type { Observation } from './observation.ts';
import { judge } from './verdict.ts';

function ruleOf(changes: object): Rule {
  const rule = readRule(
    { name: 'r', metric: 'usage.count', type: 'threshold_above', threshold: 10, ...changes },
    { allOrgs: false },
  );
  if (Array.isArray(rule)) throw new Error(JSON.stringify(rule));
  return rule;
}

function observed(value: number, more: Partial<Observation> = {}): Observation {
  return {
    complete: { value, samples: 40 },
    current: [],
    previous: null,
    baseline: null,
    failure: null,
    ...more,
  };
}

const usual = { kind: 'hour_of_day', samples: 40 } as const;
const cases: [name: string, rule: object, more: Partial<Observation>][] = [
  ['above a level', {}, {}],
  ['below a level', { type: 'threshold_below' }, {}],
  ['a rise', { type: 'rate_of_change', threshold: 50 }, { previous: { value: 20, samples: 20 } }],
  [
    'a fall, of at least so much',
    { type: 'rate_of_change', threshold: -50, minimumChange: 15 },
    { previous: { value: 20, samples: 20 } },
  ],
  [
    'unusual',
    { type: 'anomaly', threshold: 3 },
    { baseline: { ...usual, median: 100, deviation: 5, log: false } },
  ],
  [
    'unusual by its logarithm, upwards only',
    { type: 'anomaly', threshold: 3, direction: 'up', metric: 'usage.latency_p95', minimumChange: 20 },
    { baseline: { ...usual, median: 100, deviation: 0.1, log: true } },
  ],
];

test.each(cases)('a value is wrong exactly where it is out of the bounds: %s', (_, changes, more) => {
  const rule = ruleOf(changes);
  for (let value = 0; value <= 200; value += 0.5) {
    const verdict = judge(rule, observed(value, more));
    const { lower, upper } = boundsOf(rule, verdict);
    expect(lower ?? upper).not.toBeNull();
    const isOut = (upper !== null && value > upper) || (lower !== null && value < lower);
    const isOnBound = [lower, upper].some((bound) => bound !== null && Math.abs(value - bound) < 1e-9);
    if (!isOnBound) expect({ value, isOut }).toEqual({ value, isOut: verdict.says === 'wrong' });
  }
});

test('without an earlier or usual value there are no bounds', () => {
  for (const type of ['anomaly', 'rate_of_change']) {
    const rule = ruleOf({ type, threshold: 5 });
    expect(boundsOf(rule, judge(rule, observed(3)))).toEqual({ lower: null, upper: null });
  }
});
