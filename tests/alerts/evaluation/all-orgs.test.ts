/** Rules over all orgs that have an alert for each org, among thousands of orgs. */
import type { PoolClient } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { previewRule } from '../../../src/alerts/preview/preview.ts';
import { readRule } from '../../../src/alerts/rules/read-rule.ts';
import { MAX_GROUPS } from '../../../src/alerts/rules/rule.ts';
import { createPool } from '../../../src/database/pool.ts';
import { rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { HOUR, MINUTE, SECOND } from '../../../src/time.ts';
import { alertsOn, previewSources } from '../../support/alerting/alerts.ts';
import { useDatabase } from '../../support/database/database.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { useIngestion } from '../../support/events/ingestion.ts';

const ORGS = 3_000;
const database = useDatabase();
let now = Math.floor(Date.now() / HOUR) * HOUR + 30 * SECOND;
const clock = { now: () => now };
const { store } = useIngestion(database, clock);
const { evaluator, evaluateAll, addConfig } = alertsOn(database, clock);

function call(orgId: string, status: 'success' | 'error', more: object = {}) {
  return makeUsage({
    orgId,
    status,
    modelId: 'm',
    occurredAt: new Date(now - 5 * SECOND).toISOString(),
    ...more,
  });
}

async function arrive(...events: object[]) {
  for (let first = 0; first < events.length; first += 1_000)
    await store(...events.slice(first, first + 1_000));
  while ((await rollUp(database.pool)) > 0);
}

async function firing(name: string): Promise<string[]> {
  const { rows } = await database.pool.query<{ group_key: string }>(
    `select group_key from analytics.alert_history where name = $1 and resolved_at is null order by 1`,
    [name],
  );
  return rows.map((row) => row.group_key);
}

async function stateOf(name: string) {
  const { rows } = await database.pool.query<{ failure: string | null; failures: number; watched: number }>(
    `select failure, failures, (select count(*) from analytics.alert_states s where s.config_id = c.id) as watched
     from analytics.alert_configs c where name = $1`,
    [name],
  );
  return rows[0];
}

let statements = 0;

function counted(connectionString: string) {
  const pool = createPool({
    connectionString,
    max: 2,
    applicationName: 'engine',
    statementTimeoutMs: MINUTE,
    onError: () => {},
  });
  pool.on('connect', (client: PoolClient) => {
    const query = client.query.bind(client) as (...given: unknown[]) => unknown;
    client.query = ((...given: unknown[]) => {
      statements++;
      return query(...given);
    }) as typeof client.query;
  });
  return pool;
}

let pool: ReturnType<typeof counted>;
beforeAll(async () => {
  pool = counted(database.url);
  const orgs = Array.from({ length: ORGS }, (_, index) => `org-${index}`);
  await arrive(
    ...orgs.map((orgId) => call(orgId, 'success')),
    ...['org-7', 'org-1234', 'org-2999'].flatMap((orgId) => [
      ...Array.from({ length: 3 }, () => call(orgId, 'error')),
      call(orgId, 'success', { modelId: 'other' }),
    ]),
  );
});
afterAll(() => pool.end());

test('thousands of orgs are evaluated in a few statements, and those with the most samples are watched', async () => {
  await addConfig({ name: 'orgs', groupBy: ['org'] }, null);
  statements = 0;
  expect(await evaluateAll({ ...evaluator(), pool })).toBe(1);
  expect(statements).toBeLessThan(100);
  expect(await firing('orgs')).toEqual(['{"org":"org-1234"}', '{"org":"org-2999"}', '{"org":"org-7"}']);
  // That there are more than can be watched is said, and is not a failure.
  expect(await stateOf('orgs')).toEqual({
    failure: expect.stringMatching(/^the rule has 3000 groups and only 1000 are watched: /),
    failures: 0,
    watched: MAX_GROUPS,
  });
});

test('a group with an open alert stays watched until it resolves, however many others there are', async () => {
  now += 5 * MINUTE;
  const busy = Array.from({ length: 1_100 }, (_, index) => `org-${index + 1_300}`);
  await arrive(...busy.flatMap((orgId) => [call(orgId, 'success'), call(orgId, 'success')]));
  now += MINUTE;
  await evaluateAll();
  expect(await firing('orgs')).toHaveLength(3);
  await arrive(...['org-7', 'org-1234', 'org-2999'].map((orgId) => call(orgId, 'success')));
  now += MINUTE + 15 * SECOND;
  await evaluateAll();
  expect(await firing('orgs')).toEqual([]);
  // Groups that gave way are forgotten.
  expect((await stateOf('orgs'))?.watched).toBe(MAX_GROUPS);
});

test('groups by org and dimension are kept apart, in the order of the rule', async () => {
  await addConfig({ name: 'models', groupBy: ['modelId', 'org'], metric: 'usage.count', threshold: 2 }, null);
  await arrive(
    ...['org-1', 'org-2'].flatMap((orgId) => [
      ...Array.from({ length: 3 }, () => call(orgId, 'success', { modelId: `only of ${orgId}` })),
      call(orgId, 'success', { modelId: 'both' }),
    ]),
  );
  await evaluateAll();
  expect(await firing('models')).toEqual([
    '{"modelId":"only of org-1","org":"org-1"}',
    '{"modelId":"only of org-2","org":"org-2"}',
  ]);
});

test('percentiles and last values are computed for each org', async () => {
  await addConfig(
    {
      name: 'slow',
      groupBy: ['org'],
      metric: 'usage.latency_p95',
      threshold: 20_000,
      filters: { modelId: 'tail' },
    },
    null,
  );
  await addConfig(
    {
      name: 'stock',
      groupBy: ['org', 'sku'],
      metric: 'inventory.quantity',
      type: 'threshold_below',
      threshold: 5,
    },
    null,
  );
  const stock = (orgId: string, quantity: number) => ({
    type: 'inventory',
    eventId: `stock of ${orgId}`,
    orgId,
    occurredAt: new Date(now - 5 * SECOND).toISOString(),
    sku: 's',
    quantity,
  });
  await arrive(
    call('org-1', 'success', { modelId: 'tail', latencyMs: 30_000 }),
    call('org-2', 'success', { modelId: 'tail', latencyMs: 100 }),
    stock('org-3', 2),
    stock('org-4', 20),
  );
  now += MINUTE + 15 * SECOND;
  await evaluateAll();
  expect(await firing('slow')).toEqual(['{"org":"org-1"}']);
  expect(await firing('stock')).toEqual(['{"org":"org-3","sku":"s"}']);
});

test('the preview replays the orgs with the most events, and counts the others', async () => {
  const rule = readRule(
    {
      name: 'x',
      metric: 'usage.count',
      type: 'threshold_above',
      threshold: 3,
      windowSeconds: 900,
      groupBy: ['org'],
    },
    { allOrgs: true },
  );
  if (Array.isArray(rule)) throw new Error(JSON.stringify(rule));
  now += 15 * MINUTE;
  statements = 0;
  const preview = await previewRule(previewSources(pool), { rule, orgId: null, now });
  expect(statements).toBeLessThan(100);
  expect(preview).toMatchObject({ groupsLeftOut: ORGS - 20 });
  expect(preview.alerts.map(({ group }) => group)).toContainEqual({ org: 'org-7' });
});
