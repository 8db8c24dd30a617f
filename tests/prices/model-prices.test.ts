import { expect, test } from 'vitest';
import { PRICES_TTL } from '../../src/prices/current-prices.ts';
import { rollUp } from '../../src/rollups/fold/roll-up.ts';
import { sleep } from '../../src/time.ts';
import { useService } from '../support/service/service.ts';

const service = useService();
const PRICES = '/api/v1/analytics/model-prices';

function call(eventId: string, modelId: string, more: object) {
  const occurredAt = new Date(Date.now() - 60_000).toISOString();
  return { eventId, orgId: 'acme', modelId, occurredAt, status: 'success', latencyMs: 10, ...more };
}

async function send(...events: object[]) {
  const { json } = await service.call('/analytics/v1/events', { body: events });
  expect(json).toMatchObject({ rejected: 0 });
  while ((await rollUp(service.database.pool)) > 0);
  return json;
}

async function costs() {
  const { rows } = await service.database.pool.query<{ id: string; cost: number | null; source: string }>(
    `select attributes->>'eventId' as id, cost, cost_source as source from analytics.events order by 1`,
  );
  return Object.fromEntries(rows.map(({ id, cost, source }) => [id, [cost, source]]));
}

const sonnet = {
  ...{ provider: 'Anthropic', model: 'claude-sonnet-4-5', effectiveFrom: '2026-01-01' },
  ...{ usdPerMillionInputTokens: 3, usdPerMillionOutputTokens: 15 },
  ...{ usdPerMillionCacheReadTokens: 0.3, usdPerMillionCacheWriteTokens: 3.75 },
};

test('calls are priced on arrival by the table, and what has no price is unpriced', async () => {
  const put = await service.call(PRICES, { body: { ...sonnet, effectiveFrom: '2026-01-01T00:00:00Z' } });
  expect(put).toMatchObject({ status: 201, json: { change: 'added', price: { provider: 'anthropic' } } });
  const known = { provider: 'anthropic', inputTokens: 12_000, outputTokens: 300 };
  const caches = { cachedInputTokens: 9_000, cacheWriteInputTokens: 2_000 };
  const priced = call('table', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0', { ...known, ...caches });
  await send(
    priced,
    call('given', 'claude-sonnet-4-5', { ...known, costUsd: 0.5 }),
    call('unknown model', 'claude-next', known),
    call('unknown tokens', 'claude-sonnet-4-5', { provider: 'anthropic' }),
    call('throttled', 'claude-sonnet-4-5', { provider: 'anthropic', status: 'throttled' }),
  );
  expect(await costs()).toEqual({
    table: [17_700_000, 'table'],
    given: [500_000_000, 'given'],
    'unknown model': [null, 'none'],
    'unknown tokens': [null, 'none'],
    throttled: [0, 'given'],
  });
  const { json } = await service.call('/analytics/v1/orgs/acme/usage');
  expect(json.totals).toMatchObject({ costUsd: '0.5177', unpricedInvocations: 2, withoutUsage: 2 });

  // A changed price is for later calls, and a replay of an earlier call is a duplicate.
  const dearer = { ...sonnet, effectiveFrom: '2026-01-01T00:00:00Z', usdPerMillionInputTokens: 6 };
  expect(await service.call(PRICES, { body: dearer })).toMatchObject({ json: { change: 'changed' } });
  await sleep(PRICES_TTL);
  expect(await send(priced, { ...priced, eventId: 'later' })).toMatchObject({ duplicates: 1, stored: 1 });
  expect((await costs()).later).toEqual([20_700_000, 'table']);
});

test('prices are listed and removed, and faults are named', async () => {
  const { json } = await service.call(PRICES);
  expect(json.prices).toMatchObject([{ model: 'claude-sonnet-4-5', usdPerMillionInputTokens: 6, tiers: [] }]);
  expect(await service.call(`${PRICES}/${json.prices[0].id}`, { method: 'DELETE' })).toMatchObject({
    status: 204,
  });
  expect(await service.call(`${PRICES}/${json.prices[0].id}`, { method: 'DELETE' })).toMatchObject({
    status: 404,
  });
  const wrong = await service.call(PRICES, {
    body: { provider: 'p', model: 'm', effectiveFrom: '2026-01-01T00:00:00Z' },
  });
  expect(wrong).toMatchObject({
    status: 400,
    json: { code: 'invalid_request', errors: [{ path: '$.usdPerMillionInputTokens' }] },
  });
});

test('prices come in pages, and those of a provider or a model alone', async () => {
  const at = (month: number) => `2026-0${month}-01T00:00:00Z`;
  const prices = ['a', 'b', 'ü'].flatMap((model) =>
    [1, 2].flatMap((month) =>
      [null, 'batch'].map((serviceTier) => ({
        ...{ provider: 'paged', model, serviceTier, effectiveFrom: at(month), usdPerCall: month },
      })),
    ),
  );
  for (const body of prices.toReversed()) expect((await service.call(PRICES, { body })).status).toBe(201);
  const page = async (query: string) => (await service.call(`${PRICES}?provider=PAGED&${query}`)).json;
  const whole = await page('limit=100');
  expect(whole.next).toBeNull();
  expect(whole.prices.map(({ model, serviceTier }: Record<string, string>) => [model, serviceTier])).toEqual(
    ['a', 'b', 'ü'].flatMap((model) => [null, null, 'batch', 'batch'].map((tier) => [model, tier])),
  );
  const read: object[] = [];
  for (let after = ''; after !== 'end'; ) {
    const { prices: some, next } = await page(`limit=5${after && `&after=${after}`}`);
    read.push(...some);
    after = next ?? 'end';
  }
  expect(read).toEqual(whole.prices);
  expect((await page('model=b')).prices).toHaveLength(4);
  for (const after of ['x', 'PVsx', Buffer.from('=["a","b","c","d"]').toString('base64url')])
    expect(await service.call(`${PRICES}?after=${after}`)).toMatchObject({
      ...{ status: 400, json: { errors: [{ path: 'after' }] } },
    });
});
