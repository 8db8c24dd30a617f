import { beforeAll, expect, test } from 'vitest';
import { observeRollups } from '../../../src/alerts/observing/rollups.ts';
import { watchableMetrics } from '../../../src/alerts/rules/metrics.ts';
import { readRule } from '../../../src/alerts/rules/read-rule.ts';
import { rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { HOUR, MINUTE, SECOND } from '../../../src/time.ts';
import { alertsOn } from '../../support/alerting/alerts.ts';
import { useDatabase } from '../../support/database/database.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { useIngestion } from '../../support/events/ingestion.ts';
import { makeJob } from '../../support/events/ml-jobs.ts';

const database = useDatabase();
/** The start of the current quarter of an hour. */
let now = Math.floor(Date.now() / (15 * MINUTE)) * 15 * MINUTE;
const clock = { now: () => now };
const { store } = useIngestion(database, clock);
const { evaluateAll, addConfig } = alertsOn(database, clock);

function at(ago: number) {
  return new Date(now - ago).toISOString();
}

async function rollUpAll() {
  while ((await rollUp(database.pool)) > 0);
}

function order(orderId: string, status: string, priceCents: number, quantity: number) {
  return {
    type: 'order',
    eventId: orderId,
    orgId: 'acme',
    occurredAt: at(2 * MINUTE),
    orderId,
    status,
    currency: 'EUR',
    items: [{ sku: 's', name: 'S', collection: 'c', category: 'k', quantity, priceCents }],
  };
}

function stock(eventId: string, ago: number, quantity: number) {
  return {
    type: 'inventory',
    eventId,
    orgId: 'acme',
    occurredAt: at(ago),
    sku: 's',
    quantity,
  };
}

const NO_CONFIG = '00000000-0000-0000-0000-000000000000';

/** The value over the last five complete minutes. */
async function observedValue(metric: string, changes: object = {}) {
  const rule = readRule(
    { name: 'r', metric, type: 'threshold_below', threshold: 0.5, ...changes },
    { allOrgs: false },
  );
  const watchable = watchableMetrics.get(metric);
  if (Array.isArray(rule) || !watchable) throw new Error(JSON.stringify(rule));
  const evaluation = {
    configId: NO_CONFIG,
    orgId: 'acme',
    rule,
    metric: watchable,
    states: new Map(),
    now,
    asOf: now,
    silencedAt: () => null,
    evaluatedBefore: null,
    catchingUp: false,
    signal: AbortSignal.timeout(MINUTE),
  };
  const { groups } = await observeRollups(database.pool, evaluation);
  return [...groups.values()][0]?.observation.complete.value;
}

const LATENCIES = [100, 200, 300, 400, 1_000];

beforeAll(async () => {
  now += 30 * SECOND;
  await store(
    ...LATENCIES.map((latencyMs, index) =>
      makeUsage({
        latencyMs,
        status: index === 0 ? 'timeout' : 'success',
        costEstimateCents: 1.5,
        inputTokens: 10,
        outputTokens: 3,
        modelId: 'm',
        occurredAt: at(3 * MINUTE),
      }),
    ),
    // Events outside the window, on either side.
    makeUsage({ latencyMs: 9_000, status: 'error', modelId: 'm', occurredAt: at(7 * MINUTE) }),
    makeUsage({ latencyMs: 9_000, status: 'error', modelId: 'm', occurredAt: at(10 * SECOND) }),
    order('o1', 'completed', 1_250.5, 2),
    order('o2', 'completed', 100, 1),
    order('o3', 'cancelled', 9_999, 1),
    stock('i1', 2 * MINUTE, 7),
    stock('i2', 4 * MINUTE, 9),
    ...(['success', 'error', 'cancelled', 'cancelled'] as const).map((status) =>
      makeJob({ status, occurredAt: at(2 * MINUTE) }),
    ),
    makeJob({ status: 'cancelled', provider: 'tripo', occurredAt: at(2 * MINUTE) }),
  );
  await rollUpAll();
});

test.each([
  ['usage.count', 5, {}],
  ['usage.errors', 1, {}],
  ['usage.error_rate', 0.2, {}],
  ['usage.success_rate', 0.8, {}],
  ['usage.latency_avg', 400, {}],
  ['usage.latency_min', 100, {}],
  ['usage.latency_max', 1_000, {}],
  ['usage.cost', 7.5, {}],
  ['usage.input_tokens', 50, {}],
  ['usage.output_tokens', 15, {}],
  ['usage.count', 0, { filters: { modelId: 'other' } }],
  ['usage.count', 4, { filters: { modelId: 'm', status: 'success' } }],
  ['usage.latency_avg', null, { filters: { modelId: 'other' } }],
  ['business.revenue', 2_601, { filters: { currency: 'EUR' }, threshold: 1 }],
  ['business.revenue', 9_999, { filters: { currency: 'EUR', status: 'cancelled' }, threshold: 1 }],
  ['business.revenue_avg', 1_300.5, { filters: { currency: 'EUR' }, threshold: 1 }],
  ['business.revenue_min', 100, { filters: { currency: 'EUR' }, threshold: 1 }],
  ['business.revenue_max', 2_501, { filters: { currency: 'EUR' }, threshold: 1 }],
  ['business.revenue_p99', 2_501, { filters: { currency: 'EUR' }, threshold: 1 }],
  ['business.revenue_max', 9_999, { filters: { currency: 'EUR', status: 'cancelled' }, threshold: 1 }],
  ['business.revenue_p50', null, { filters: { currency: 'USD' }, threshold: 1 }],
  ['order_line.amount', 2_601, { filters: { currency: 'EUR' }, threshold: 1 }],
  ['ml.count', 5, {}],
  ['ml.count', 4, { filters: { provider: 'REPLICATE', pipeline: '3D' } }],
  ['ml.count', 0, { filters: { provider: 'nobody' } }],
  ['ml.errors', 1, {}],
  // Cancelled jobs do not count, as in the answers about ML jobs.
  ['ml.success_rate', 0.5, {}],
  ['ml.error_rate', 0.5, {}],
  ['ml.success_rate', null, { filters: { provider: 'tripo' } }],
  ['inventory.quantity', 7, { filters: { sku: 's' }, threshold: 1 }],
])('%s is %j with %j', async (metric, expected, changes) => {
  const value = await observedValue(metric, changes);
  if (expected === null || value === null) expect(value).toBe(expected);
  else expect(value).toBeCloseTo(expected, 9);
});

test('percentiles are within one percent', async () => {
  const p50 = (await observedValue('usage.latency_p50')) ?? 0;
  expect(Math.abs(p50 / 300 - 1)).toBeLessThan(0.01);
  expect(await observedValue('usage.latency_p99')).toBe(1_000);
});

test('an anomaly is judged by the past of each group, and a group with too little past is warming up', async () => {
  now = Math.floor(now / (15 * MINUTE)) * 15 * MINUTE + 20 * SECOND;
  const quarters = Array.from({ length: 60 }, (_, index) => index + 2);
  const calls = (modelId: string, ago: number, count: number) =>
    Array.from({ length: count }, () => makeUsage({ modelId, occurredAt: at(ago) }));
  await store(
    ...quarters.flatMap((quarter) => calls('old', quarter * 15 * MINUTE - 5 * MINUTE, 4 + (quarter % 2))),
    ...calls('old', 5 * MINUTE, 60),
    ...calls('young', HOUR, 4),
    ...calls('young', 5 * MINUTE, 60),
  );
  await rollUpAll();
  await addConfig({
    name: 'odd',
    metric: 'usage.count',
    type: 'anomaly',
    threshold: 5,
    windowSeconds: 900,
    groupBy: ['modelId'],
    filters: {},
  });
  await evaluateAll();
  const { rows } = await database.pool.query(
    `select group_key, value, evidence from analytics.alert_history where name = 'odd'`,
  );
  expect(rows).toMatchObject([
    {
      group_key: '{"modelId":"old"}',
      value: 60,
      evidence: { reason: 'unusual', baselineKind: 'last_day' },
    },
  ]);
  expect(rows[0].evidence.baseline).toBeGreaterThanOrEqual(4);
  expect(rows[0].evidence.baseline).toBeLessThanOrEqual(5);
});
