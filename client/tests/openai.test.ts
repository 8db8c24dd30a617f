import OpenAI from 'openai';
import { beforeEach, describe, expect, test } from 'vitest';
import { observeOpenAI } from '../src/openai.ts';
import { createMemoryClient, type MemoryClient } from '../src/testing.ts';
import { events, json, useProvider } from './provider.ts';

const provider = useProvider();
let tidemark: MemoryClient;
let plain: OpenAI;
let observed: OpenAI;

beforeEach(() => {
  provider.requests.length = 0;
  tidemark = createMemoryClient({ source: 'tests' });
  plain = new OpenAI({ baseURL: `${provider.url}/v1`, apiKey: 'none', maxRetries: 0 });
  observed = observeOpenAI(plain, tidemark, { provider: 'openai', labels: { team: 'search' } });
});

async function tracked() {
  await tidemark.flush();
  return tidemark.events;
}

const ID = 'chatcmpl-0123456789abcdef';
const messages = [{ role: 'user' as const, content: 'a secret prompt' }];
const usage = {
  prompt_tokens: 100,
  completion_tokens: 20,
  total_tokens: 120,
  prompt_tokens_details: { cached_tokens: 60 },
  completion_tokens_details: { reasoning_tokens: 5 },
};
const answer = {
  ...{
    id: ID,
    object: 'chat.completion',
    created: 1,
    model: 'gpt-4o-2024-08-06',
    service_tier: 'flex',
    usage,
  },
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'a secret answer' } }],
};

function chunk<More extends object>(more: More) {
  return { id: ID, object: 'chat.completion.chunk', created: 1, model: 'gpt-4o-2024-08-06', ...more };
}

function word(content: string, finish_reason: string | null = null) {
  return chunk({
    choices: [{ index: 0, delta: { role: 'assistant', content }, finish_reason }],
    usage: null,
  });
}

const lastChunk = chunk({ choices: [], usage });
const request = { model: 'gpt-4o', messages };

describe('a call', () => {
  test('is tracked with its tokens, its time and the id of the answer, and nothing of its text', async () => {
    provider.answerWith(json(answer));
    provider.answerWith(json(answer));
    expect(await observed.chat.completions.create(request)).toEqual(
      await plain.chat.completions.create(request),
    );
    const all = await tracked();
    expect(all).toMatchObject([
      {
        ...{ type: 'usage', eventId: `llm:${ID}`, orgId: 'test', clientId: 'tests', provider: 'openai' },
        ...{
          modelId: 'gpt-4o-2024-08-06',
          status: 'success',
          serviceTier: 'flex',
          labels: { team: 'search' },
        },
        ...{ inputTokens: 100, outputTokens: 20, cachedInputTokens: 60, reasoningTokens: 5 },
      },
    ]);
    expect(all[0]).toHaveProperty('latencyMs', expect.any(Number));
    expect(JSON.stringify(all)).not.toContain('secret');
  });

  test('keeps the helpers of its promise', async () => {
    for (let count = 0; count < 3; count++)
      provider.answerWith(json(answer, 200, { 'x-request-id': 'req_1' }));
    const both = await observed.chat.completions.create(request).withResponse();
    expect([both.data.id, both.response.status, both.request_id]).toEqual([ID, 200, 'req_1']);
    expect((await observed.chat.completions.create(request))._request_id).toBe('req_1');
    const response = await observed.chat.completions.create(request).asResponse();
    expect(await response.json()).toMatchObject({ id: ID });
    const all = await tracked();
    expect(all).toHaveLength(3);
    expect(all.map((event) => 'inputTokens' in event)).toEqual([true, true, false]);
  });

  test('is tracked when a helper of the SDK makes it, and when a copy of the client does', async () => {
    provider.answerWith(json(answer));
    provider.answerWith(json(answer));
    provider.answerWith(events([word('a'), word('b', 'stop'), lastChunk]));
    expect((await observed.chat.completions.parse(request)).id).toBe(ID);
    expect((await observed.withOptions({ timeout: 5_000 }).chat.completions.create(request)).id).toBe(ID);
    const stream = observed.chat.completions.stream(request);
    expect((await stream.finalChatCompletion()).choices[0]?.message.content).toBe('ab');
    expect((await tracked()).map((event) => 'inputTokens' in event && event.inputTokens)).toEqual([
      100, 100, 100,
    ]);
  });

  test.for([
    [
      429,
      { error: { message: 'slow down', code: 'rate_limit_exceeded' } },
      'throttled',
      'rate_limit_exceeded',
    ],
    [500, { error: { message: 'broke' } }, 'error', '500'],
    [504, { error: { message: 'late' } }, 'timeout', '504'],
  ] as const)(
    'that fails with %i is tracked as such, and the caller gets the error',
    async ([status, body, as, code]) => {
      provider.answerWith(json(body, status));
      await expect(observed.chat.completions.create(request)).rejects.toBeInstanceOf(OpenAI.APIError);
      expect(await tracked()).toMatchObject([{ modelId: 'gpt-4o', status: as, errorCode: code }]);
    },
  );

  test('that takes too long, or whose answer is malformed, is tracked too', async () => {
    provider.answerWith(() => {});
    await expect(observed.chat.completions.create(request, { timeout: 100 })).rejects.toThrow('timed out');
    provider.answerWith((response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"id": "cut'),
    );
    await expect(observed.chat.completions.create(request)).rejects.toThrow();
    expect((await tracked()).map((event) => 'status' in event && event.status)).toEqual(['timeout', 'error']);
  });

  test('of responses and of embeddings is tracked', async () => {
    const counts = { input_tokens: 7, output_tokens: 3, total_tokens: 10 };
    const details = {
      input_tokens_details: { cached_tokens: 2 },
      output_tokens_details: { reasoning_tokens: 1 },
    };
    provider.answerWith(
      json({ id: 'resp_0123456789abcdef01', model: 'gpt-5', output: [], usage: { ...counts, ...details } }),
    );
    provider.answerWith(json({ data: [], model: 'embed', usage: { prompt_tokens: 4, total_tokens: 4 } }));
    await observed.responses.create({ model: 'gpt-5', input: 'a secret' });
    await observed.embeddings.create({ model: 'embed', input: 'a secret' });
    expect(await tracked()).toMatchObject([
      { modelId: 'gpt-5', inputTokens: 7, outputTokens: 3, cachedInputTokens: 2, reasoningTokens: 1 },
      { modelId: 'embed', inputTokens: 4 },
    ]);
  });
});

describe('a stream', () => {
  const stream = { ...request, stream: true as const };
  test('is counted by the usage that is asked for, which the caller does not see', async () => {
    provider.answerWith(events([word('a'), word('b', 'stop'), lastChunk]));
    const chunks = await read(await observed.chat.completions.create(stream));
    const { usage: _, ...first } = word('a');
    expect(chunks).toHaveLength(2);
    expect(chunks[0]).toEqual(first);
    expect(provider.requests[0]).toMatchObject({ stream_options: { include_usage: true } });
    const [event] = await tracked();
    expect(event).toMatchObject({ status: 'success', inputTokens: 100, outputTokens: 20 });
    expect(event).toHaveProperty('timeToFirstTokenMs', expect.any(Number));
  });

  test('shows its usage to a caller who asked for it', async () => {
    provider.answerWith(events([word('a', 'stop'), lastChunk]));
    const asked = { ...stream, stream_options: { include_usage: true } };
    expect(await read(await observed.chat.completions.create(asked))).toEqual([word('a', 'stop'), lastChunk]);
    expect(await tracked()).toHaveLength(1);
  });

  test('without usage is a call whose tokens are unknown', async () => {
    provider.answerWith(events([word('a', 'stop')]));
    await read(await observed.chat.completions.create(stream));
    const [event] = await tracked();
    expect(event).toMatchObject({ status: 'success' });
    expect(event).not.toHaveProperty('inputTokens');
  });

  test('can be split, and is tracked once', async () => {
    provider.answerWith(events([word('a', 'stop'), lastChunk]));
    const [left, right] = (await observed.chat.completions.create(stream)).tee();
    expect(await read(left)).toEqual(await read(right));
    expect(await tracked()).toHaveLength(1);
  });

  test('that breaks in the middle fails for the caller, and is tracked as an error', async () => {
    provider.answerWith(events([word('a')], 'cut'));
    await expect(read(await observed.chat.completions.create(stream))).rejects.toThrow();
    expect(await tracked()).toMatchObject([{ status: 'error' }]);
  });

  test('that its reader leaves or aborts is tracked as a timeout', async () => {
    provider.answerWith(events([word('a'), word('b')], 'hang'));
    for await (const _ of await observed.chat.completions.create(stream)) break;
    provider.answerWith(events([word('a')], 'hang'));
    const aborted = await observed.chat.completions.create(stream);
    for await (const _ of aborted) aborted.controller.abort();
    expect(await tracked()).toMatchObject([
      { status: 'timeout', errorCode: 'aborted' },
      { status: 'timeout', errorCode: 'aborted' },
    ]);
  });

  test('of responses is counted when it is complete, and as partial when it is not', async () => {
    const response = (status: string, more: object) => ({
      response: { id: 'resp_0123456789abcdef01', model: 'gpt-5', status, output: [], ...more },
    });
    const counts = { input_tokens: 7, output_tokens: 3 };
    const delta = { type: 'response.output_text.delta', delta: 'a' };
    provider.answerWith(
      events([
        { type: 'response.created', ...response('in_progress', {}) },
        delta,
        { type: 'response.completed', ...response('completed', { usage: counts }) },
      ]),
    );
    provider.answerWith(
      events([delta, { type: 'response.in_progress', ...response('', { usage: counts }) }], 'cut'),
    );
    await read(await observed.responses.create({ model: 'gpt-5', input: 'x', stream: true }));
    await expect(
      read(await observed.responses.create({ model: 'gpt-5', input: 'x', stream: true })),
    ).rejects.toThrow();
    expect(await tracked()).toMatchObject([
      { status: 'success', inputTokens: 7, outputTokens: 3 },
      { status: 'error', inputTokens: 7, metadata: { usage: 'partial' } },
    ]);
  });
});

test('a tracker that throws changes nothing for the caller', async () => {
  provider.answerWith(json(answer));
  const broken = {
    track: () => {
      throw new Error('broken');
    },
  };
  expect((await observeOpenAI(plain, broken).chat.completions.create(request)).id).toBe(ID);
});

describe('an answer of another shape, as providers of the same language send it,', () => {
  const shapes = [{}, { choices: null }, { usage: 'none', choices: [null] }, { id: 5, model: null }];

  test('reaches the caller as it is, and the call is tracked', async () => {
    for (const shape of [...shapes, null, 'text']) provider.answerWith(json(shape));
    for (const shape of [...shapes, null, 'text']) {
      const seen = await observed.chat.completions.create(request);
      expect(JSON.parse(JSON.stringify(seen))).toEqual(shape);
    }
    expect((await tracked()).map((event) => 'status' in event && event.status)).toEqual(
      Array.from({ length: shapes.length + 2 }, () => 'success'),
    );
  });

  test('in a stream reaches the caller too', async () => {
    // The SDK itself fails on a choice that is null.
    const chunks = [{}, { choices: null }, { usage: 'none' }, { id: 5, model: null }];
    for (const items of [chunks, shapes]) provider.answerWith(events(items));
    expect(await read(await observed.chat.completions.create({ ...request, stream: true }))).toEqual(chunks);
    expect(await read(await observed.responses.create({ model: 'm', input: 'x', stream: true }))).toEqual(
      shapes,
    );
    expect(await tracked()).toHaveLength(2);
  });
});

test('a stand-in for the SDK, as tests have it, answers as before', async () => {
  const standIn = { chat: { completions: { create: async (_: object) => answer } } };
  expect(await observeOpenAI(standIn, tidemark).chat.completions.create(request)).toBe(answer);
  const failing = { chat: { completions: { create: (_: object) => Promise.reject(new Error('away')) } } };
  await expect(observeOpenAI(failing, tidemark).chat.completions.create(request)).rejects.toThrow('away');
  expect(await tracked()).toMatchObject([{ status: 'success', inputTokens: 100 }, { status: 'error' }]);
});

async function read(chunks: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const each of chunks) all.push(each);
  return all;
}
