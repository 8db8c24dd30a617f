import { expect, test } from 'vitest';
import { choosablePercentiles, percentilesOf, withPercentile } from './search.ts';

test('the percentiles of the address are read, each once and in order', () => {
  expect(percentilesOf({})).toEqual(['p50', 'p95', 'p99']);
  expect(percentilesOf({ percentiles: 'p99.9,p50,p99.9' })).toEqual(['p50', 'p99.9']);
});

test.each(['', 'p100', 'p', 'x', 'p5.1234'])('an address with %j shows the usual ones', (percentiles) => {
  expect(percentilesOf({ percentiles })).toEqual(['p50', 'p95', 'p99']);
});

test('a percentile is added, and left out again; the usual ones need no parameter', () => {
  expect(withPercentile(['p50', 'p95', 'p99'], 'p90')).toBe('p50,p90,p95,p99');
  expect(withPercentile(['p50', 'p90', 'p95', 'p99'], 'p90')).toBeUndefined();
  // One line at least stays.
  expect(withPercentile(['p90'], 'p90')).toBeUndefined();
});

test('at most six lines are shown', () => {
  const six = ['p1', 'p2', 'p3', 'p4', 'p5', 'p6'];
  expect(withPercentile(six, 'p7')).toBe(six.join());
});

test('a percentile of the address can be chosen too', () => {
  expect(choosablePercentiles(['p97.5'])).toEqual(['p50', 'p75', 'p90', 'p95', 'p97.5', 'p99', 'p99.9']);
});
