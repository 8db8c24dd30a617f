import { beforeAll, describe, expect, test } from 'vitest';
import type { ReliabilityNumbers } from '../../../src/queries/models/reliability.ts';
import { promoteAll, rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { grainNamed } from '../../../src/rollups/grains.ts';
import { DAY, HOUR, MINUTE } from '../../../src/time.ts';
import { askRaw, beside, type RawQuestion } from '../../support/answers/raw-answers.ts';
import { type UsageEvent, usageMaker } from '../../support/events/fixtures.ts';
import { useService } from '../../support/service/service.ts';

const service = useService();
const now = Date.now();

function iso(millis: number): string {
  return new Date(millis).toISOString();
}

const makeUsage = usageMaker(31, now);

async function send(events: readonly UsageEvent[]): Promise<void> {
  const { json } = await service.call('/analytics/v1/events', { body: events });
  expect(json).toMatchObject({ stored: events.length });
  await rollUp(service.database.pool);
}

/** Latencies with a long tail (lognormal about 300 ms), and one model of quick and slow answers. */
function latencyOf(n: number, model: string): number {
  const share = ((n * 0.754_877_666) % 1) * 0.999 + 0.0005;
  if (model === 'two humps') return n % 3 === 0 ? 40 + share * 20 : 2_000 + share * 500;
  return Math.round(300 * Math.exp(Math.log(share / (1 - share)) / 1.7) * 1_000) / 1_000;
}

const statuses = [
  'success',
  'success',
  'success',
  'success',
  'error',
  'timeout',
  'success',
  'throttled',
] as const;

function make(count: number, span: number): UsageEvent[] {
  return Array.from({ length: count }, (_, n) => {
    const modelId = n % 4 === 0 ? 'two humps' : 'long tail';
    return makeUsage({
      modelId,
      status: statuses[(n * 5) % 8] ?? 'success',
      latencyMs: latencyOf(n, modelId),
      occurredAt: iso(now - MINUTE - ((n * 7_919) % count) * (span / count)),
    });
  });
}

beforeAll(async () => {
  await send(make(4_000, 6 * DAY));
  await promoteAll(service.database.pool, grainNamed('week'));
  await send(make(1_500, 6 * DAY));
  await promoteAll(service.database.pool, grainNamed('hour'));
  await send(make(1_000, 30 * HOUR));
});

function ask(query: Record<string, string>) {
  return service.call(`/analytics/v1/orgs/acme/reliability?${new URLSearchParams(query)}`);
}

async function compare(asked: Omit<RawQuestion, 'orgId'>) {
  const { json, status } = await ask(asked as unknown as Record<string, string>);
  expect({ status, detail: json.detail }).toEqual({ status: 200, detail: undefined });
  const raw = await askRaw(service.database.pool, {
    ...asked,
    orgId: 'acme',
    start: json.start,
    end: json.end,
  });
  for (const { shown, raw: point } of beside(json, raw)) {
    const numbers = shown as unknown as ReliabilityNumbers;
    if (!point) {
      expect(numbers).toMatchObject({
        invocations: 0,
        errorRate: 0,
        latencyMs: { p50: null, p95: null, p99: null },
      });
      continue;
    }
    expect(numbers).toMatchObject({
      invocations: point.invocations,
      errorRate: point.errors / point.invocations,
      errors: {
        timeout: point.errorTimeout,
        throttled: point.errorThrottled,
        error: point.errors - point.errorTimeout - point.errorThrottled,
      },
    });
    for (const name of ['p50', 'p95', 'p99'] as const) {
      const found = numbers.latencyMs[name];
      expect(Math.abs((found ?? Number.NaN) - point[name])).toBeLessThanOrEqual(point[name] * 0.01);
    }
  }
  return json;
}

const week = { start: iso(now - 6 * DAY), end: iso(now) };

describe('error rates are exact and percentiles within 1 %', () => {
  test.each(['hour', 'day', 'week'] as const)('of every %s', async (granularity) => {
    const answer = await compare({ ...week, granularity });
    expect(answer.totals.invocations).toBeGreaterThan(6_000);
    expect(answer.totals.errorRate).toBeGreaterThan(0.3);
  });

  test.each(['model', 'client'] as const)('of every %s', async (groupBy) => {
    await compare({ ...week, granularity: 'day', groupBy });
  });

  test('of one model, whose percentiles are nothing like the average of parts', async () => {
    const answer = await compare({ ...week, granularity: 'hour', modelId: 'two humps' });
    expect(answer.totals.latencyMs.p50).toBeGreaterThan(1_000);
  });

  test('over any range, in any zone', async () => {
    const minute = Math.floor(now / MINUTE) * MINUTE;
    for (const minutes of [1, 47, 611, 1_777]) {
      const start = iso(minute - 31 * HOUR);
      const end = iso(minute - 31 * HOUR + minutes * MINUTE);
      await compare({ start, end, granularity: 'day', timezone: 'Asia/Kathmandu' });
    }
  });
});

describe('percentiles', () => {
  test('are those that the query names', async () => {
    const { json } = await ask({ ...week, percentile: 'p50,p99.9,p0' });
    expect(Object.keys(json.totals.latencyMs)).toEqual(['p50', 'p99.9', 'p0']);
    const { rows } = await service.database.pool.query<{ least: number }>(
      `select min(value)::float8 / 1000 as least from analytics.events where occurred_at >= $1 and occurred_at < $2`,
      [json.start, json.end],
    );
    expect(json.totals.latencyMs.p0).toBe(rows[0]?.least);
  });

  test.each(['95', 'p100', 'p', 'p-1', 'p95;p99', 'p1,', 'p50,p50,p50,p50,p50,p50,p50,p50,p50,p50,p50'])(
    'cannot be %j',
    async (percentile) => {
      const { status, json } = await ask({ ...week, percentile });
      expect(status).toBe(400);
      expect(json.errors[0].path).toBe('percentile');
    },
  );

  test('of equal latencies are that latency, and of no calls are null', async () => {
    const model = { modelId: 'steady', latencyMs: 123.456 };
    await send(Array.from({ length: 5 }, () => makeUsage({ ...model, occurredAt: iso(now - MINUTE) })));
    const { json } = await ask({ ...week, modelId: 'steady', granularity: 'week' });
    expect(json.totals.latencyMs).toEqual({ p50: 123.456, p95: 123.456, p99: 123.456 });
    const none = await ask({ ...week, modelId: 'nobody' });
    expect(none.json.totals).toEqual({
      invocations: 0,
      errorRate: 0,
      errors: { error: 0, timeout: 0, throttled: 0 },
      latencyMs: { p50: null, p95: null, p99: null },
    });
  });
});

test('late failures change the rate of their own hour only', async () => {
  const hour = Math.floor(now / HOUR) * HOUR - 5 * HOUR;
  const range = { start: iso(hour - HOUR), end: iso(hour + 2 * HOUR), granularity: 'hour' } as const;
  const before = await compare(range);
  await send(
    Array.from({ length: 30 }, () =>
      makeUsage({ status: 'timeout', occurredAt: iso(hour + 20 * MINUTE), modelId: 'late' }),
    ),
  );
  const after = await compare(range);
  expect([after.series[0], after.series[2]]).toEqual([before.series[0], before.series[2]]);
  expect(after.series[1].errors.timeout - before.series[1].errors.timeout).toBe(30);
});

test.each<[string, Record<string, string>]>([
  ['start', { start: week.end, end: week.start }],
  ['granularity', { granularity: 'second' }],
  ['timezone', { timezone: 'Nowhere' }],
  ['latency', { latency: '1' }],
])('%s is refused when it is wrong', async (name, query) => {
  const { status, json } = await ask(query);
  expect({ status, path: json.errors[0].path }).toEqual({ status: 400, path: name });
});
