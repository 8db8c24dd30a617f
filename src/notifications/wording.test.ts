import { describe, expect, test } from 'vitest';
import { makeNotice } from '../../tests/support/notices.ts';
import { eventOf, factsOf, inTime, inUnit, oneLine, statementOf } from './wording.ts';

test.each([
  [0.0731, 'ratio', '7.31 %'],
  [1, 'ratio', '100 %'],
  [1_250.4, 'milliseconds', '1,250 ms'],
  [0.125, 'milliseconds', '0.125 ms'],
  [90, 'seconds', '90 s'],
  [123_456, 'cents', '1,234.56'],
  [0.42, 'cents', '0.0042'],
  [1_234_567, 'count', '1,234,567'],
  [12_345, 'tokens', '12,345 tokens'],
] as const)('%d as %s is %s', (value, unit, text) => {
  expect(inUnit(value, unit)).toBe(text);
});

test.each([
  [45, '45 s'],
  [300, '5 min'],
  [7_200, '2 h'],
  [7_800, '2 h 10 min'],
])('%d seconds are %s', (seconds, text) => {
  expect(inTime(seconds)).toBe(text);
});

test('a line is one, and not longer than it may be', () => {
  expect(oneLine('a\r\nb\u2028c\u0000 d', 20)).toBe('a b c d');
  expect(oneLine('abcdef', 4)).toBe('abc…');
});

describe('what is the case', () => {
  test.each([
    [{}, 'usage.error_rate is 7.3 %, above 5 %'],
    [{ kind: 'resolved', value: 0.01 }, 'usage.error_rate is 1 %, no longer above 5 %'],
    [{ type: 'threshold_below', value: 0.01 }, 'usage.error_rate is 1 %, below 5 %'],
    [
      { type: 'rate_of_change', threshold: 50, baseline: 0.02 },
      'usage.error_rate is 7.3 %, changed by more than 50 %, from 2 %',
    ],
    [
      { type: 'anomaly', threshold: 4, baseline: 0.02 },
      'usage.error_rate is 7.3 %, unusually higher than 2 %',
    ],
    [{ type: 'anomaly', kind: 'resolved', baseline: 0.02 }, 'usage.error_rate is 7.3 %, as usual again'],
    [{ value: null }, 'usage.error_rate has no data'],
  ] as const)('%j', (given, statement) => {
    expect(statementOf(makeNotice(given))).toBe(statement);
  });
});

test('the evidence is complete', () => {
  const notice = makeNotice({ kind: 'resolved', at: '2026-11-20T10:12:00.000Z', baseline: 0.02 });
  expect(eventOf(notice)).toBe('Failing answers (model gpt-4o) is resolved');
  expect(Object.fromEntries(factsOf(notice))).toEqual({
    Severity: 'critical',
    Org: 'acme',
    Metric: 'usage.error_rate',
    Value: '7.3 %',
    Baseline: '2 %',
    Threshold: '5 %',
    Window: '5 min',
    Samples: '1,240',
    Since: '2026-11-20T10:00:00.000Z',
    Lasted: '12 min',
  });
});

test('a number of the moment has no window', () => {
  expect(factsOf(makeNotice({ windowSeconds: 0 })).map(([label]) => label)).not.toContain('Window');
});
