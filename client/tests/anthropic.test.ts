import Anthropic from '@anthropic-ai/sdk';
import { beforeEach, describe, expect, test } from 'vitest';
import { observeAnthropic } from '../src/anthropic.ts';
import { createMemoryClient, type MemoryClient } from '../src/testing.ts';
import { events, json, useProvider } from './provider.ts';

const provider = useProvider();
let tidemark: MemoryClient;
let plain: Anthropic;
let observed: Anthropic;

beforeEach(() => {
  tidemark = createMemoryClient();
  plain = new Anthropic({ baseURL: provider.url, apiKey: 'none', maxRetries: 0 });
  observed = observeAnthropic(plain, tidemark, { clientId: 'writer' });
});

async function tracked() {
  await tidemark.flush();
  return tidemark.events;
}

const ID = 'msg_0123456789abcdefgh';
const usage = {
  ...{ input_tokens: 10, cache_read_input_tokens: 80, cache_creation_input_tokens: 5 },
  ...{ output_tokens: 7, service_tier: 'standard' },
};
const message = {
  ...{
    id: ID,
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-4-5',
    usage,
    stop_reason: 'end_turn',
  },
  content: [{ type: 'text', text: 'a secret answer' }],
};
const request = {
  model: 'claude-sonnet-4-5',
  max_tokens: 100,
  messages: [{ role: 'user' as const, content: 'a secret prompt' }],
};
const started = {
  type: 'message_start',
  message: { ...message, content: [], usage: { ...usage, output_tokens: 1 }, stop_reason: null },
};
const block = { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } };
const delta = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'a' } };
const blockEnd = { type: 'content_block_stop', index: 0 };
const told = { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 7 } };
const stopped = { type: 'message_stop' };
const counted = {
  ...{ eventId: `llm:${ID}`, provider: 'anthropic', clientId: 'writer', modelId: 'claude-sonnet-4-5' },
  ...{ inputTokens: 95, cachedInputTokens: 80, cacheWriteInputTokens: 5, outputTokens: 7 },
  ...{ serviceTier: 'standard', status: 'success' },
};

test('a message is tracked with the cached tokens in its input, and nothing of its text', async () => {
  for (let count = 0; count < 3; count++) provider.answerWith(json(message));
  expect(await observed.messages.create(request)).toEqual(await plain.messages.create(request));
  expect((await observed.beta.messages.create(request)).id).toBe(ID);
  const all = await tracked();
  expect(all).toMatchObject([counted, counted]);
  expect(JSON.stringify(all)).not.toContain('secret');
});

test('a message that is refused is tracked with the kind of the refusal', async () => {
  provider.answerWith(json({ type: 'error', error: { type: 'rate_limit_error', message: 'slow' } }, 429));
  await expect(observed.messages.create(request)).rejects.toBeInstanceOf(Anthropic.RateLimitError);
  expect(await tracked()).toMatchObject([{ status: 'throttled', modelId: 'claude-sonnet-4-5' }]);
});

describe('a stream', () => {
  test('is counted when it is complete, also through the helper of the SDK', async () => {
    const all = [started, block, delta, blockEnd, told, stopped];
    provider.answerWith(events(all));
    provider.answerWith(events(all));
    const types: string[] = [];
    for await (const event of await observed.messages.create({ ...request, stream: true }))
      types.push(event.type);
    expect(types).toEqual(all.map(({ type }) => type));
    expect(await observed.messages.stream(request).finalText()).toBe('a');
    const [first, second] = await tracked();
    expect([first, second]).toMatchObject([counted, counted]);
    expect(first).toHaveProperty('timeToFirstTokenMs', expect.any(Number));
  });

  test('that breaks is tracked with what is known of its tokens', async () => {
    provider.answerWith(events([started, block, delta], 'cut'));
    const reading = async () => {
      for await (const _ of await observed.messages.create({ ...request, stream: true }));
    };
    await expect(reading()).rejects.toThrow();
    expect(await tracked()).toMatchObject([
      { status: 'error', inputTokens: 95, outputTokens: 1, metadata: { usage: 'partial' } },
    ]);
  });

  test('that its reader aborts is tracked as a timeout', async () => {
    provider.answerWith(events([started, block, delta], 'hang'));
    const stream = await observed.messages.create({ ...request, stream: true });
    for await (const event of stream) if (event.type === 'content_block_delta') stream.controller.abort();
    expect(await tracked()).toMatchObject([
      { status: 'timeout', errorCode: 'aborted', metadata: { usage: 'partial' } },
    ]);
  });
});

test('an answer of another shape reaches the caller as it is, and the call is tracked', async () => {
  const shapes = [{ usage: null }, { id: 5, usage: 'none' }];
  for (const shape of shapes) provider.answerWith(json(shape));
  for (const shape of shapes) expect(await observed.messages.create(request)).toMatchObject(shape);
  const parts = [
    { type: 'message_start', message: null },
    { type: 'message_delta', usage: 5 },
    { type: 'message_stop' },
  ];
  provider.answerWith(events(parts));
  const seen: object[] = [];
  for await (const part of await observed.messages.create({ ...request, stream: true })) seen.push(part);
  expect(seen).toEqual(parts);
  expect((await tracked()).map((event) => 'status' in event && event.status)).toEqual([
    'success',
    'success',
    'success',
  ]);
});
