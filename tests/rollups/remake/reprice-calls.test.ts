import { beforeEach, describe, expect, test } from 'vitest';
import { callCost } from '../../../src/prices/models/call-cost.ts';
import { readModelBook } from '../../../src/prices/models/read-model-book.ts';
import { promoteAll } from '../../../src/rollups/fold/roll-up.ts';
import { grainNamed } from '../../../src/rollups/grains.ts';
import { reconcile } from '../../../src/rollups/reconcile/reconcile.ts';
import { applyRetention } from '../../../src/rollups/upkeep/retention.ts';
import { DAY } from '../../../src/time.ts';
import { grainsThatDiffer } from '../../support/answers/rollup-totals.ts';
import { silentLog } from '../../support/events/ingestion.ts';
import { putModelPrice } from '../../support/events/prices.ts';
import { changedJobs, useRepricing } from '../../support/events/repricing.ts';

const { database, ingestion, now, rollUpAll, show, apply } = useRepricing();

beforeEach(async () => {
  await database.pool.query('truncate analytics.model_prices');
});

const models = ['model-1', 'model-2', 'model-1-20260101', 'unheard-of'];

/** Calls over ten days, of every kind, without randomness. */
function calls() {
  return Array.from({ length: 240 }, (_, index) => {
    const inputTokens = (index * 104_729) % 400_000;
    const outputTokens = (index * 7_919) % 9_000;
    return {
      ...{ type: 'usage', eventId: `call-${index}`, orgId: index % 3 === 0 ? 'globex' : 'acme' },
      occurredAt: new Date(now - ((index * 104_729_777) % (10 * DAY))).toISOString(),
      modelId: models[index % 4],
      ...(index % 5 > 0 && { provider: ['openai', 'anthropic'][index % 2] }),
      ...(index % 6 === 0 && { serviceTier: 'batch' }),
      ...(index % 13 > 0 && { latencyMs: 10 + index / 8 }),
      ...(index % 3 > 0 && { images: index % 5 }),
      ...{ status: index % 11 === 0 ? 'error' : 'success', labels: { team: `t${index % 2}` } },
      ...(index % 9 > 0 && { inputTokens, outputTokens }),
      ...(index % 9 > 0 && index % 4 === 0 && { cachedInputTokens: Math.floor(inputTokens / 3) }),
      ...(index % 9 > 0 && index % 8 === 0 && { cacheWriteInputTokens: Math.floor(inputTokens / 5) }),
      ...(index % 9 > 0 && index % 16 === 0 && { cacheWriteHourInputTokens: Math.floor(inputTokens / 7) }),
      ...(index % 9 > 0 && index % 7 === 0 && { reasoningTokens: Math.floor(outputTokens / 2) }),
      ...(index % 10 === 0 && { costUsd: index / 1_000 }),
    };
  });
}

/** Stores the calls in several batches, in folds of every kind. The last batch waits. */
async function storeCalls() {
  const events = calls();
  await ingestion.store(...events.slice(0, 100));
  await rollUpAll();
  await promoteAll(database.pool, grainNamed('week'));
  await ingestion.store(...events.slice(100, 180));
  await rollUpAll();
  await promoteAll(database.pool, grainNamed('hour'));
  await ingestion.store(...events.slice(180, 220));
  await rollUpAll();
  await ingestion.store(...events.slice(220));
}

const tier = { aboveInputTokens: 200_000, usdPerMillionInputTokens: 6, usdPerMillionOutputTokens: 22.5 };

async function putPrices() {
  const always = { effectiveFrom: '2026-01-01' };
  for (const price of [
    {
      ...{ ...always, provider: 'openai', model: 'model-1', usdPerMillionInputTokens: 3 },
      ...{ usdPerMillionOutputTokens: 15, usdPerMillionCacheReadTokens: 0.3, tiers: [tier] },
      ...{ usdPerMillionCacheWriteHourTokens: 5.5, usdPerSecond: 0.000_01 },
    },
    { ...always, provider: 'openai', model: 'model-1', serviceTier: 'batch', usdPerMillionInputTokens: 1.5 },
    {
      ...{ ...always, provider: 'anthropic', model: 'model-2', usdPerMillionInputTokens: 0.15 },
      ...{ usdPerMillionOutputTokens: 0.000000001, usdPerMillionReasoningTokens: 7, usdPerCall: 0.01 },
    },
    // By calls or images alone, whatever their tokens.
    { ...always, provider: 'anthropic', model: 'unheard-of', usdPerCall: 0.002 },
    {
      ...{ provider: 'anthropic', model: 'unheard-of', usdPerImage: 0.04 },
      effectiveFrom: '2026-11-14T13:07:31.250Z',
    },
    // A new price from within a minute on.
    {
      ...{ provider: 'anthropic', model: 'model-2', effectiveFrom: '2026-11-14T13:07:31.250Z' },
      ...{ usdPerMillionInputTokens: 0.3, usdPerMillionOutputTokens: 1, usdPerMillionCacheWriteTokens: 0.4 },
      usdPerImage: 0.001,
    },
  ])
    await putModelPrice(database.pool, price);
}

/** Calls whose cost, or source of it, is not the one that an arriving call would get. */
async function wrongCosts() {
  const book = await readModelBook(database.pool);
  const { rows } = await database.pool.query(
    `select e.*, e.attributes->>'eventId' as id, s.cost_source as series_source from analytics.events e
     join analytics.series s on s.org_id = e.org_id and s.series_id = e.series_id`,
  );
  const numberIn = (value: string | number | null) => (value === null ? undefined : Number(value));
  return rows.filter((row) => {
    if (row.cost_source !== row.series_source) return true;
    if (row.cost_source === 'given') return false;
    const scope = { provider: row.provider, model: row.model_id, serviceTier: row.service_tier };
    const price = book.inForce({ ...scope, at: row.occurred_at.getTime() });
    const cost =
      price &&
      callCost(price, {
        input: numberIn(row.input_tokens),
        output: numberIn(row.output_tokens),
        cacheRead: Number(row.cached_input_tokens),
        cacheWrite: Number(row.cache_write_tokens),
        cacheWriteHour: Number(row.cache_write_hour_tokens),
        reasoning: Number(row.reasoning_tokens),
        duration: numberIn(row.value),
        images: numberIn(row.quantity),
      });
    return numberIn(row.cost) !== cost || row.cost_source !== (cost === undefined ? 'none' : 'table');
  });
}

async function givenCosts() {
  const { rows } = await database.pool.query(
    `select event_id, cost from analytics.events where cost_source = 'given' order by 1`,
  );
  return rows;
}

describe('calls with raw events', () => {
  test('are shown first, then cost to the nano-dollar what an arriving call would, at every grain', async () => {
    await storeCalls();
    await putPrices();
    const given = await givenCosts();
    const shown = await show();
    expect(changedJobs(shown)).toBeGreaterThan(100);
    expect(shown.every(({ type, before, kept }) => type === 'usage' && before === 0 && kept === 0)).toBe(
      true,
    );
    expect((await wrongCosts()).length).toBe(changedJobs(shown));

    expect(await apply()).toEqual(shown);
    expect(await wrongCosts()).toEqual([]);
    expect(await givenCosts()).toEqual(given);
    expect(await grainsThatDiffer(database.pool)).toEqual([]);
    expect((await reconcile(database.pool)).drifts).toEqual([]);
    // Waiting calls are rolled up with their new cost.
    await rollUpAll();
    expect(await grainsThatDiffer(database.pool)).toEqual([]);
    expect((await reconcile(database.pool)).drifts).toEqual([]);
    expect(changedJobs(await apply())).toBe(0);
  });

  test('of one model are repriced under each of its names, and no others', async () => {
    await storeCalls();
    await putPrices();
    await apply({ from: new Date(now - 30 * DAY), to: new Date(now), provider: 'openai', model: 'model-1' });
    const { rows } = await database.pool.query(
      `select distinct model_id as model from analytics.events where cost_source = 'table' order by 1`,
    );
    expect(rows).toEqual([{ model: 'model-1' }, { model: 'model-1-20260101' }]);
    expect((await reconcile(database.pool)).drifts).toEqual([]);
  });
});

test('of calls with only rollups left, sums are priced, and those that do not tell the tier keep their cost', async () => {
  const call = (eventId: string, modelId: string, inputTokens: number | undefined, hour: number) => ({
    ...{ type: 'usage', eventId, orgId: 'acme', modelId, provider: 'openai', status: 'success' },
    occurredAt: new Date(now - 5 * DAY + hour * 3_600_000).toISOString(),
    ...(inputTokens !== undefined && { inputTokens, outputTokens: 0 }),
  });
  await ingestion.store(
    call('1', 'model-1', 100_000, 0),
    call('2', 'model-1', 50_000, 0),
    // Together they are longer than the tier's bound, which neither of them reaches.
    call('3', 'model-1', 150_000, 2),
    call('4', 'model-1', 150_000, 2),
    // The sums of these two do not tell that one of them has unknown tokens.
    call('5', 'model-2', 1_000, 0),
    call('6', 'model-2', undefined, 0),
    call('7', 'model-2', 1_000, 4),
    call('8', 'model-2', undefined, 6),
  );
  await rollUpAll();
  await promoteAll(database.pool, grainNamed('week'));
  await applyRetention({
    ...{ pool: database.pool, log: silentLog, rawRetention: DAY, dedupWindow: 400 * DAY, now },
  });
  const always = { effectiveFrom: '2026-01-01', provider: 'openai', usdPerMillionOutputTokens: 1 };
  await putModelPrice(database.pool, {
    ...{ ...always, model: 'model-1', usdPerMillionInputTokens: 1, tiers: [tier] },
  });
  await putModelPrice(database.pool, { ...always, model: 'model-2', usdPerMillionInputTokens: 2 });
  const differences = await apply();
  expect(differences.toSorted((a, b) => (String(a.scope) < String(b.scope) ? -1 : 1))).toMatchObject([
    { scope: ['model-1', 'openai', null], events: 4, changed: 2, after: 150_000_000, fromSums: 4, kept: 2 },
    { scope: ['model-2', 'openai', null], events: 4, changed: 1, after: 2_000_000, fromSums: 4, kept: 2 },
  ]);
  expect((await reconcile(database.pool)).drifts).toEqual([]);
  expect(changedJobs(await apply())).toBe(0);
});
