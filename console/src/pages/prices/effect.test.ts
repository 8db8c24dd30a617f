import { expect, test } from 'vitest';
import type { Usage } from '../../usage/usage.ts';
import { draftFor, priceOf } from './draft.ts';
import { costBy } from './effect.ts';

const usage = {
  invocations: 10,
  inputTokens: 3_000_000,
  outputTokens: 1_000_000,
  cachedInputTokens: 1_000_000,
} as Usage;

function cost(amounts: Partial<Record<'input' | 'output' | 'cached' | 'call', string>>): number {
  const draft = { ...draftFor({ model: 'm', provider: 'p' }, 0), ...amounts };
  return costBy(priceOf(draft), usage);
}

test('cached tokens are a part of the input, and cost as much unless they have a price', () => {
  expect(cost({ input: '2' })).toBe(6);
  expect(cost({ input: '2', cached: '0.5' })).toBe(4.5);
});

test('output and calls are added', () => {
  expect(cost({ input: '2', output: '8', call: '0.01' })).toBeCloseTo(14.1, 9);
  expect(cost({})).toBe(0);
});
