/** What dashboards read with SQL is what the API answers. */
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { answerReliability } from '../../../src/queries/models/reliability.ts';
import { answerUsage } from '../../../src/queries/models/usage.ts';
import type { Granularity } from '../../../src/queries/reading/time-buckets.ts';
import { promoteAll, rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { coarsestGrain, grainNamed } from '../../../src/rollups/grains.ts';
import { DAY, HOUR, MINUTE } from '../../../src/time.ts';
import { useDatabase } from '../../support/database/database.ts';
import { usageMaker } from '../../support/events/fixtures.ts';
import { useIngestion } from '../../support/events/ingestion.ts';

const database = useDatabase();
const { store } = useIngestion(database);
const now = Date.now();

function iso(millis: number): string {
  return new Date(millis).toISOString();
}

/** As many events as there are ages, spread over the models and outcomes of the maker. */
async function storeAged(ages: readonly number[], orgId = 'acme'): Promise<void> {
  const make = usageMaker(7, now);
  await store(...ages.map((age) => make({ eventId: randomUUID(), orgId, occurredAt: iso(now - age) })));
  while ((await rollUp(database.pool)) > 0);
}

beforeAll(async () => {
  const spread = (count: number, over: number) =>
    Array.from({ length: count }, (_, n) => MINUTE + (n * over) / count);
  await storeAged([...spread(400, DAY), ...spread(200, 20 * DAY), ...spread(100, 300 * DAY)]);
  await promoteAll(database.pool, coarsestGrain);
  // Taken in by no grain, by some grains, and by none again: all of it is in the numbers.
  await storeAged(spread(100, 25 * HOUR));
  await promoteAll(database.pool, grainNamed('hour'));
  await storeAged([...spread(100, 30 * DAY), ...spread(50, HOUR)]);
  await storeAged(spread(20, HOUR), 'other');
});

interface UsagePoint {
  bucket: Date;
  model_id: string;
  requests: number;
  failures: number;
  input_tokens: number;
  output_tokens: number;
  cached_input_tokens: number;
  cost_dollars: number;
}

async function usageSeries(org: string, ago: number, step: string): Promise<UsagePoint[]> {
  const { rows } = await database.pool.query<UsagePoint>(
    'select * from analytics.usage_series($1, $2, $3, $4::interval)',
    [org, iso(now - ago), iso(now), step],
  );
  return rows;
}

function question(orgId: string, ago: number, granularity: Granularity) {
  const range = { start: now - ago, end: now };
  return { orgId, range, granularity, timezone: 'UTC', modelId: undefined, groupBy: 'model' as const, now };
}

const cases: [string, number, Granularity, string][] = [
  ['hours of a day', DAY, 'hour', '1h'],
  ['hours of three weeks', 20 * DAY, 'hour', '1h'],
  ['days of three weeks', 20 * DAY, 'day', '1d'],
  ['days of a year', 300 * DAY, 'day', '1d'],
  ['weeks of a year', 300 * DAY, 'week', '7d'],
];

describe.each(cases)('%s', (_, ago, granularity, step) => {
  // Ends that the API reads more finely than a dashboard, which takes whole steps, are left out.
  const inner = <T>(points: readonly T[], at: (point: T) => number) => {
    const times = [...new Set(points.map(at))].sort((a, b) => a - b).slice(1, -1);
    return points.filter((point) => times.includes(at(point)));
  };

  test('usage', async () => {
    const answer = await answerUsage(database.pool, question('acme', ago, granularity));
    const points = inner(await usageSeries('acme', ago, step), ({ bucket }) => bucket.getTime());
    expect(points.length).toBeGreaterThan(20);
    const said = points.map((point) => ({
      bucketStart: point.bucket.toISOString(),
      modelId: point.model_id,
      invocations: point.requests,
      inputTokens: point.input_tokens,
      outputTokens: point.output_tokens,
      cachedInputTokens: point.cached_input_tokens,
      costEstimateCents: Math.round(point.cost_dollars * 1e9) / 1e7,
    }));
    const asked = inner(answer.series, ({ bucketStart }) => Date.parse(bucketStart));
    // The functions show fewer numbers.
    expect(asked.map((each, index) => ({ ...each, ...said[index] }))).toEqual(asked);
    expect(said.length).toBe(asked.length);
  });

  test.each([true, false])('reliability, by model: %s', async (byModel) => {
    const answer = await answerReliability(database.pool, {
      ...question('acme', ago, granularity),
      groupBy: byModel ? 'model' : undefined,
      percentiles: ['p50', 'p95', 'p99'],
    });
    const { rows } = await database.pool.query<Record<string, number> & { bucket: Date; model_id: string }>(
      `select * from analytics.reliability_series('acme', $1, $2, $3::interval, by_model => $4)`,
      [iso(now - ago), iso(now), step, byModel],
    );
    const points = inner(rows, ({ bucket }) => bucket.getTime());
    expect(points.length).toBeGreaterThan(10);
    const round = (ms: number | null | undefined) => (ms == null ? null : Math.round(ms * 1_000) / 1_000);
    expect(
      points.map((point) => ({
        bucketStart: point.bucket.toISOString(),
        ...(byModel && { modelId: point.model_id }),
        invocations: point.requests,
        errorRate: point.error_rate,
        errors: { error: point.errors, timeout: point.timeouts, throttled: point.throttled },
        latencyMs: { p50: round(point.p50_ms), p95: round(point.p95_ms), p99: round(point.p99_ms) },
      })),
    ).toEqual(
      inner(answer.series, ({ bucketStart }) => Date.parse(bucketStart)).map(({ latencyMs, ...point }) => ({
        ...point,
        latencyMs: {
          p50: round(latencyMs.p50),
          p95: round(latencyMs.p95),
          p99: round(latencyMs.p99),
        },
      })),
    );
  });
});

test('the sum of all steps is what was stored, whatever the step', async () => {
  for (const step of ['20ms', '7m', '20m', '90m', '1h', '5h', '1d', '7d', '30d']) {
    const points = await usageSeries('acme', 310 * DAY, step);
    expect(points.reduce((sum, { requests }) => sum + requests, 0)).toBe(950);
  }
});

test('the org * is all orgs together', async () => {
  const points = await usageSeries('*', 310 * DAY, '1d');
  expect(points.reduce((sum, { requests }) => sum + requests, 0)).toBe(970);
});

test('only the models that are named are read', async () => {
  const { rows } = await database.pool.query<{ models: string[]; requests: number }>(
    `select array_agg(distinct model_id) as models, sum(requests) as requests
     from analytics.usage_series('acme', $1, $2, '1h', array['gpt-4o'])`,
    [iso(now - DAY), iso(now)],
  );
  expect(rows[0]?.models).toEqual(['gpt-4o']);
});

test('freshness has every model, and the wait of the oldest stored event', async () => {
  const read = async () =>
    (
      await database.pool.query<{ model_id: string; last_event_at: Date; lag_seconds: number }>(
        `select * from analytics.org_freshness('acme')`,
      )
    ).rows;
  const before = await read();
  expect(before.map(({ model_id, lag_seconds }) => [model_id, lag_seconds])).toEqual([
    ['claude-sonnet', 0],
    ['gpt-4o', 0],
  ]);
  await store(usageMaker(9, now)({ orgId: 'acme', occurredAt: iso(now) }));
  await database.pool.query(
    `update analytics.ingestion_batches set completed_at = now() - interval '7 minutes' where rolled_up_at is null`,
  );
  const [waiting] = await read();
  expect(waiting?.lag_seconds).toBeGreaterThanOrEqual(420);
  expect(waiting?.lag_seconds).toBeLessThan(480);
});

test('orgs are listed, the latest first', async () => {
  const { rows } = await database.pool.query<{ org_id: string }>('select * from analytics.usage_orgs()');
  expect(rows.map(({ org_id }) => org_id).sort()).toEqual(['*', 'acme', 'other']);
});

test.each([
  ['no step', `'0s'`, 'The step is 00:00:00'],
  ['a step that no range could have', `'1m'`, 'more than 11000 steps'],
])('%s is refused', async (_, step, message) => {
  const range = step === `'0s'` ? `now() - interval '1h', now()` : `now(), now() + interval '30 days'`;
  await expect(
    database.pool.query(`select * from analytics.usage_series('acme', ${range}, ${step})`),
  ).rejects.toThrow(message);
});
