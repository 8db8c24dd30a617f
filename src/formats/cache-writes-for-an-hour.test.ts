import { expect, test } from 'vitest';
import { bedrock } from './call-logs/bedrock.ts';
import { LogRow } from './call-logs/log-row.ts';
import { liteLlmEvent } from './litellm.ts';
import type { AttributeValue } from './otlp/span.ts';
import { tokensOf } from './otlp/tokens.ts';

/** Tokens that a cache takes for an hour cost more than others, so the tools that tell them apart must be heard. */
const expected = { cacheWriteInputTokens: 500, cacheWriteHourInputTokens: 300 };

function tokensOfSpan(attributes: Record<string, AttributeValue>) {
  const span = {
    ...{ traceId: '', spanId: '', parentSpanId: '', start: 0, end: 0, statusCode: 0, exception: undefined },
    ...{
      scope: { name: '', version: '' },
      resource: new Map(),
      attributes: new Map(Object.entries(attributes)),
    },
  };
  return tokensOf(span, 'anthropic');
}

const input = { 'gen_ai.usage.input_tokens': 1_000 };
const creation = 'gen_ai.usage.cache_creation';

test.each([
  [
    'beside all that was written',
    { [`${creation}.input_tokens`]: 500, [`${creation}.ephemeral_1h_input_tokens`]: 300 },
  ],
  [
    'apart from the others',
    { [`${creation}.ephemeral_5m.input_tokens`]: 200, [`${creation}.ephemeral_1h.input_tokens`]: 300 },
  ],
])('OpenTelemetry tells them %s', (_, attributes) => {
  expect(tokensOfSpan({ ...input, ...attributes })).toMatchObject({ inputTokens: 1_000, ...expected });
});

test('no more are counted for an hour than were written', () => {
  const attributes = { [`${creation}.input_tokens`]: 100, [`${creation}.ephemeral_1h_input_tokens`]: 300 };
  expect(tokensOfSpan({ ...input, ...attributes })).toMatchObject({
    ...{ cacheWriteInputTokens: 100, cacheWriteHourInputTokens: 100 },
  });
});

test('Langfuse has a bucket of its own for them', () => {
  const buckets = {
    input: 400,
    input_cache_read: 100,
    input_cache_creation_5m: 200,
    input_cache_creation_1h: 300,
  };
  const details = JSON.stringify({ ...buckets, output: 7 });
  expect(tokensOfSpan({ 'langfuse.observation.usage_details': details })).toEqual({
    ...{ inputTokens: 1_000, outputTokens: 7, cachedInputTokens: 100, ...expected },
  });
});

test('LiteLLM has them in its details, and the images of a prompt', () => {
  const details = {
    cache_creation_token_details: { ephemeral_5m_input_tokens: 200, ephemeral_1h_input_tokens: 300 },
  };
  const usage = {
    ...{ cache_creation_input_tokens: 500, prompt_tokens_details: { ...details, image_count: 2 } },
  };
  const payload = { id: 'x', startTime: 1_780_000_000, status: 'success', prompt_tokens: 1_000 };
  const event = liteLlmEvent({ ...payload, metadata: { usage_object: usage } }, 'acme');
  expect(event).toMatchObject({ inputTokens: 1_000, ...expected, images: 2 });
});

const ofClaude = { usage: { cache_creation: { ephemeral_1h_input_tokens: 300 } } };

test.each([
  [
    'of Converse',
    {
      usage: {
        cacheDetails: [
          { ttl: '5m', inputTokens: 200 },
          { ttl: '1h', inputTokens: 300 },
        ],
      },
    },
  ],
  ['of Claude', ofClaude],
  ['of a stream of Claude', [{ type: 'message_start', message: ofClaude }, { type: 'message_stop' }]],
])('logs of Bedrock have them in the answer %s', (_, outputBodyJson) => {
  const row = new LogRow({
    ...{ timestamp: '2026-07-14T09:10:00Z', requestId: 'r', operation: 'Converse', modelId: 'claude' },
    ...{ input: { inputTokenCount: 500, cacheWriteInputTokenCount: 500 } },
    output: { outputTokenCount: 1, outputBodyJson },
  });
  expect(bedrock.read(row, 'acme')).toMatchObject({ event: { inputTokens: 1_000, ...expected } });
});
