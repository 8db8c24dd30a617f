import { beforeAll, expect, test } from 'vitest';
import { rollUp } from '../../src/rollups/fold/roll-up.ts';
import { runCommand } from '../support/service/run-command.ts';
import { tokenOf, useService } from '../support/service/service.ts';

const service = useService();
const UNPRICED = '/api/v1/analytics/model-prices/unpriced';

function call(eventId: string, modelId: string, more: object = {}) {
  const occurredAt = new Date(Date.now() - 60_000).toISOString();
  const known = { provider: 'openai', inputTokens: 100, outputTokens: 10 };
  return { eventId, orgId: 'acme', modelId, occurredAt, status: 'success', latencyMs: 10, ...known, ...more };
}

beforeAll(async () => {
  const { json } = await service.call('/analytics/v1/events', {
    body: [
      call('1', 'new-model'),
      call('2', 'new-model', { orgId: 'globex' }),
      call('3', 'new-model', { inputTokens: undefined, outputTokens: undefined }),
      call('4', 'new-model', { serviceTier: 'batch' }),
      call('5', 'other-model', { provider: undefined }),
      call('6', 'priced-model', { costUsd: 1 }),
    ],
  });
  expect(json).toMatchObject({ stored: 6 });
  while ((await rollUp(service.database.pool)) > 0);
});

test('unpriced models are listed with their calls and tokens, the most calls first', async () => {
  const { json, status } = await service.call(UNPRICED);
  expect(status).toBe(200);
  const openai = { provider: 'openai', modelId: 'new-model', hasPrice: false };
  expect(json).toMatchObject({
    orgId: null,
    models: [
      {
        ...{ ...openai, serviceTier: null, unpricedInvocations: 3 },
        ...{ inputTokens: 200, outputTokens: 20, withoutUsage: 1 },
      },
      { ...openai, serviceTier: 'batch', unpricedInvocations: 1 },
      { provider: null, modelId: 'other-model', inputTokens: 100, outputTokens: 10 },
    ],
    totals: { models: 3, unpricedInvocations: 5 },
    next: null,
  });
  const [first] = json.models;
  expect(Date.parse(first.since)).toBeLessThanOrEqual(Date.parse(first.lastAt));
});

test('the list comes in pages', async () => {
  const first = await service.call(`${UNPRICED}?limit=2`);
  expect(first.json).toMatchObject({ models: [{}, {}], totals: { models: 3 } });
  const second = await service.call(`${UNPRICED}?limit=2&after=${first.json.next}`);
  expect(second.json).toMatchObject({ models: [{ modelId: 'other-model' }], next: null });
  expect(await service.call(`${UNPRICED}?after=x`)).toMatchObject({
    status: 400,
    json: { errors: [{ path: 'after' }] },
  });
});

test('an org sees its own calls alone', async () => {
  const token = await tokenOf(['finance'], ['globex']);
  const { json } = await service.call(UNPRICED, { token });
  expect(json).toMatchObject({ orgId: 'globex', totals: { models: 1, unpricedInvocations: 1 } });
  expect(await service.call(`${UNPRICED}?orgId=acme`, { token })).toMatchObject({ status: 403 });
});

test('the command line lists them too', async () => {
  const tidemark = (...args: string[]) =>
    runCommand(['prices', 'unpriced', ...args], { DATABASE_URL: service.database.url });
  const { code, output } = await tidemark('--limit', '1');
  expect(code).toBe(0);
  expect(output).toMatch(/openai +new-model +- +3 +200 +20 +1 .* no\n/);
  expect(output).toContain('and 2 more models');
  expect(output).toContain('5 calls of the last 30 days have no known cost.');
  expect((await tidemark('--org', 'nobody')).output).toContain('Every call of the last 30 days has a cost');
});
