import type { LanguageModelV4StreamPart, LanguageModelV4Usage } from '@ai-sdk/provider';
import { generateText, streamText, wrapLanguageModel } from 'ai';
import { MockLanguageModelV4 } from 'ai/test';
import { beforeEach, expect, test } from 'vitest';
import { tidemarkMiddleware } from '../src/ai.ts';
import { createMemoryClient, type MemoryClient } from '../src/testing.ts';

let tidemark: MemoryClient;
beforeEach(() => {
  tidemark = createMemoryClient();
});

async function tracked() {
  await tidemark.flush();
  return tidemark.events;
}

const usage: LanguageModelV4Usage = {
  inputTokens: { total: 30, noCache: 10, cacheRead: 20, cacheWrite: undefined },
  outputTokens: { total: 8, text: 5, reasoning: 3 },
};
const unknown: LanguageModelV4Usage = {
  inputTokens: { total: Number.NaN, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: undefined, text: undefined, reasoning: undefined },
};
const finishReason = { unified: 'stop' as const, raw: 'stop' };
const response = { id: 'resp-0123456789abcdefghij', modelId: 'gpt-5-2026' };

function watched(model: MockLanguageModelV4) {
  return wrapLanguageModel({
    model,
    middleware: tidemarkMiddleware(tidemark, { labels: { team: 'search' } }),
  });
}

const named = { provider: 'openai.responses', modelId: 'gpt-5' };

function streamOf(parts: LanguageModelV4StreamPart[], end: 'close' | Error | 'never' = 'close') {
  return new ReadableStream<LanguageModelV4StreamPart>({
    start(controller) {
      for (const part of parts) controller.enqueue(part);
      if (end === 'close') controller.close();
      else if (end !== 'never') setTimeout(() => controller.error(end), 20);
    },
  });
}

async function readAll<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const text: LanguageModelV4StreamPart[] = [
  { type: 'stream-start', warnings: [] },
  { type: 'response-metadata', ...response },
  { type: 'text-start', id: '1' },
  { type: 'text-delta', id: '1', delta: 'a secret answer' },
];
const finish: LanguageModelV4StreamPart[] = [
  { type: 'text-end', id: '1' },
  { type: 'finish', usage, finishReason },
];
const counted = {
  ...{ provider: 'openai', modelId: 'gpt-5-2026', eventId: `llm:${response.id}`, status: 'success' },
  ...{
    inputTokens: 30,
    cachedInputTokens: 20,
    outputTokens: 8,
    reasoningTokens: 3,
    labels: { team: 'search' },
  },
};

test('a generated text is counted', async () => {
  const content = [{ type: 'text' as const, text: 'a secret answer' }];
  const model = new MockLanguageModelV4({
    ...named,
    doGenerate: { content, finishReason, usage, warnings: [], response },
  });
  expect((await generateText({ model: watched(model), prompt: 'a secret prompt' })).text).toBe(
    'a secret answer',
  );
  const all = await tracked();
  expect(all).toMatchObject([counted]);
  expect(JSON.stringify(all)).not.toContain('secret');
});

test('tokens that the provider does not tell are unknown, not 0', async () => {
  const content = [{ type: 'text' as const, text: 'a' }];
  const model = new MockLanguageModelV4({
    ...named,
    doGenerate: { content, finishReason, usage: unknown, warnings: [] },
  });
  await generateText({ model: watched(model), prompt: 'x' });
  const [event] = await tracked();
  expect(event).toMatchObject({ modelId: 'gpt-5', status: 'success' });
  for (const field of ['inputTokens', 'outputTokens', 'cachedInputTokens', 'reasoningTokens'])
    expect(event).not.toHaveProperty(field);
});

test('a stream is counted when it is complete, and arrives unchanged', async () => {
  const model = new MockLanguageModelV4({ ...named, doStream: { stream: streamOf([...text, ...finish]) } });
  const { textStream } = streamText({ model: watched(model), prompt: 'x' });
  expect(await readAll(textStream)).toEqual(['a secret answer']);
  const [event] = await tracked();
  expect(event).toMatchObject(counted);
  expect(event).toHaveProperty('timeToFirstTokenMs', expect.any(Number));
});

test('a call that fails, a stream that breaks and one that its reader leaves are told apart', async () => {
  const slow = Object.assign(new Error('slow down'), { statusCode: 429 });
  const failing = new MockLanguageModelV4({ ...named, doGenerate: () => Promise.reject(slow) });
  await expect(generateText({ model: watched(failing), prompt: 'x', maxRetries: 0 })).rejects.toThrow(
    'slow down',
  );
  const broken = new MockLanguageModelV4({
    ...named,
    doStream: { stream: streamOf(text, new Error('cut')) },
  });
  const { stream } = await watched(broken).doStream({ prompt: [] });
  await expect(readAll(stream)).rejects.toThrow('cut');
  const left = new MockLanguageModelV4({ ...named, doStream: { stream: streamOf(text, 'never') } });
  for await (const part of (await watched(left).doStream({ prompt: [] })).stream)
    if (part.type === 'text-delta') break;
  expect(await tracked()).toMatchObject([
    { status: 'throttled', errorCode: '429' },
    { status: 'error', modelId: 'gpt-5-2026' },
    { status: 'timeout', errorCode: 'aborted' },
  ]);
});

test('usage that the model leaves out changes nothing for the caller, and the call is tracked', async () => {
  const content = [{ type: 'text' as const, text: 'hi' }];
  const none = undefined as unknown as LanguageModelV4Usage;
  const model = new MockLanguageModelV4({
    ...named,
    doGenerate: { content, finishReason, usage: none, warnings: [] },
  });
  const middleware = tidemarkMiddleware(tidemark);
  const doGenerate = () => model.doGenerate({ prompt: [] });
  const call = { doGenerate, doStream: () => model.doStream({ prompt: [] }), model, params: { prompt: [] } };
  expect((await middleware.wrapGenerate?.(call))?.content).toEqual(content);

  const parts = [
    null,
    { type: 'finish', finishReason, usage: none },
  ] as unknown as LanguageModelV4StreamPart[];
  const streamed = await middleware.wrapStream?.({
    ...call,
    doStream: async () => ({ stream: streamOf(parts) }),
  });
  expect(await readAll(streamed?.stream as unknown as AsyncIterable<unknown>)).toEqual(parts);
  expect(await tracked()).toMatchObject([{ status: 'success' }, { status: 'success' }]);
});
