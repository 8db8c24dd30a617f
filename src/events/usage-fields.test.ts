import { expect, test } from 'vitest';
import { sampleEvents } from '../../tests/support/events/event-samples.ts';
import { readEvent } from './read-event.ts';

const now = Date.UTC(2026, 0, 31, 12);
const usage = {
  ...sampleEvents('2026-01-31T12:00:00Z').usage,
  cacheWriteInputTokens: null,
  cacheWriteHourInputTokens: null,
};

test('cached tokens are part of the input tokens, so more of them are refused', () => {
  expect(readEvent({ ...usage, inputTokens: 5, cachedInputTokens: 6 }, { now })).toEqual([
    {
      path: '$.cachedInputTokens',
      message:
        'must not be more than inputTokens, which is 5: inputTokens contains the cached tokens, so add them to it',
    },
  ]);
  expect(readEvent({ ...usage, inputTokens: 5, cachedInputTokens: 5 }, { now })).toHaveProperty('rows');
});

test('an error code that is too long is cut and counted, since the failed call must count', () => {
  const event = readEvent({ ...usage, errorCode: `${'e'.repeat(99)}👍${'x'.repeat(15)}` }, { now });
  expect(event).toMatchObject({ cut: 1, rows: [{ error_code: 'e'.repeat(99) }] });
  expect(readEvent({ ...usage, errorCode: ` ${'e'.repeat(100)} ` }, { now })).toMatchObject({ cut: 0 });
});

test('tokens that a cache took are part of the input tokens too, and reasoning is part of the output', () => {
  const reported = { ...usage, inputTokens: 10, cachedInputTokens: 6, outputTokens: 4, reasoningTokens: 4 };
  expect(readEvent({ ...reported, cacheWriteInputTokens: 4 }, { now })).toHaveProperty('rows');
  expect(readEvent({ ...reported, cacheWriteInputTokens: 5 }, { now })).toEqual([
    {
      path: '$.cacheWriteInputTokens',
      message:
        'and cachedInputTokens together must not be more than inputTokens, which is 10: inputTokens contains the tokens that a cache gave and took, so add both to it',
    },
  ]);
  const written = { ...reported, cacheWriteInputTokens: 3 };
  expect(readEvent({ ...written, cacheWriteHourInputTokens: 3 }, { now })).toHaveProperty('rows');
  expect(readEvent({ ...written, cacheWriteHourInputTokens: 4 }, { now })).toEqual([
    {
      path: '$.cacheWriteHourInputTokens',
      message:
        'must not be more than cacheWriteInputTokens, which is 3: cacheWriteInputTokens contains the tokens that are kept for an hour, so add them to it',
    },
  ]);
  expect(readEvent({ ...reported, reasoningTokens: 5, cacheWriteInputTokens: null }, { now })).toEqual([
    {
      path: '$.reasoningTokens',
      message:
        'must not be more than outputTokens, which is 4: outputTokens contains the reasoning tokens, so add them to it',
    },
  ]);
});

test('a cost is sent in cents or in dollars, and not in both', () => {
  const without = { ...usage, costEstimateCents: null };
  expect(readEvent({ ...without, costUsd: 0.0065 }, { now })).toMatchObject({
    rows: [{ cost: 6_500_000, cost_source: 'given' }],
  });
  expect(readEvent({ ...usage, costUsd: 0.0065 }, { now })).toEqual([
    { path: '$.costUsd', message: 'must not be sent together with costEstimateCents; send one of them' },
  ]);
});

test('what is not known is absent, and never 0; only a failed call without tokens costs nothing', () => {
  const known = { eventId: 'e', orgId: 'acme', occurredAt: '2026-01-31T12:00:00Z', modelId: 'gpt-4o' };
  const rowOf = (event: object) => {
    const read = readEvent({ ...known, ...event }, { now });
    return Array.isArray(read) ? expect.fail(JSON.stringify(read)) : read.rows[0];
  };
  const success = rowOf({ status: 'success' });
  expect(success).toMatchObject({ cost_source: 'none' });
  for (const column of ['value', 'value_bin', 'input_tokens', 'output_tokens', 'cost'])
    expect(success).not.toHaveProperty(column);
  expect(rowOf({ status: 'throttled' })).toMatchObject({ cost: 0, cost_source: 'given' });
  expect(rowOf({ status: 'timeout', inputTokens: 9 })).toMatchObject({ cost_source: 'none' });
});

test('providers and tiers are kept in lower case', () => {
  expect(readEvent({ ...usage, provider: ' OpenAI', serviceTier: 'Batch' }, { now })).toMatchObject({
    rows: [{ provider: 'openai', service_tier: 'batch' }],
  });
});
