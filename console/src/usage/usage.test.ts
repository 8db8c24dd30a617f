import { expect, test } from 'vitest';
import { isAdditive, measureOf, sum, type Usage } from './usage.ts';

const usage: Usage = {
  ...{
    invocations: 2,
    inputTokens: 1_000,
    outputTokens: 500,
    cachedInputTokens: 250,
    cacheWriteInputTokens: 0,
  },
  ...{
    reasoningTokens: 0,
    costEstimateCents: 0.3,
    costUsd: '0.003',
    unpricedInvocations: 0,
    withoutUsage: 0,
  },
  timeToFirstTokenMs: null,
};
const nothing: Usage = {
  ...usage,
  invocations: 0,
  inputTokens: 0,
  outputTokens: 0,
  cachedInputTokens: 0,
  costUsd: '0',
};

test('measures are computed from what was used', () => {
  expect(measureOf('cost', usage)).toBe(0.003);
  expect(measureOf('tokens', usage)).toBe(1_500);
  expect(measureOf('price', usage)).toBeCloseTo(2, 12);
  expect(measureOf('cached', usage)).toBe(0.25);
});

test('a ratio of nothing is not known', () => {
  expect(measureOf('price', nothing)).toBeNull();
  expect(measureOf('cached', nothing)).toBeNull();
  expect(isAdditive('price')).toBe(false);
});

test('dollars add up exactly', () => {
  const tenth = { ...usage, costUsd: '0.1' };
  const fifth = { ...usage, costUsd: '0.2' };
  expect(sum([tenth, fifth, { ...usage, costUsd: '1234567.000000001' }]).costUsd).toBe('1234567.300000001');
  expect(sum([tenth, fifth]).invocations).toBe(4);
});
