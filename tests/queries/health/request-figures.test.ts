import { beforeAll, describe, expect, test } from 'vitest';
import type { RequestFigures } from '../../../src/queries/health/request-figures.ts';
import { promoteAll, rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { grainNamed } from '../../../src/rollups/grains.ts';
import { DAY, HOUR, MINUTE } from '../../../src/time.ts';
import {
  makeRequest,
  makeRequests,
  type RawRequests,
  type RequestEvent,
  rawRequests,
} from '../../support/service/requests.ts';
import { useService } from '../../support/service/service.ts';

// More than the service itself takes on a busy machine, so that only the platform decides its status.
const service = useService({ HEALTH_LATENCY: '60s' });
const now = Date.now();

function iso(millis: number): string {
  return new Date(millis).toISOString();
}

async function send(events: readonly RequestEvent[]): Promise<void> {
  const { json } = await service.call('/analytics/v1/events', { body: events });
  expect(json).toMatchObject({ stored: events.length });
  await rollUp(service.database.pool);
}

beforeAll(async () => {
  await send(makeRequests(4_000, { end: now - MINUTE, span: 6 * DAY }));
  await promoteAll(service.database.pool, grainNamed('week'));
  await send(makeRequests(1_500, { end: now - MINUTE, span: 3 * DAY }));
  await promoteAll(service.database.pool, grainNamed('hour'));
  await send(makeRequests(1_000, { end: now - MINUTE, span: 30 * HOUR }));
});

function health(what: string, query: Record<string, string> = {}) {
  return service.call(`/api/v1/analytics/health/${what}?${new URLSearchParams({ orgId: 'acme', ...query })}`);
}

const week = { start: iso(now - 6 * DAY), end: iso(now) };

/** Counts are exact, and percentiles within 1 %. */
function expectFigures(shown: RequestFigures, raw: RawRequests | undefined): void {
  expect(shown).toMatchObject({
    requests: raw?.requests ?? 0,
    errors: { error: raw?.errors ?? 0, client_error: raw?.clientErrors ?? 0 },
    errorRate: raw ? raw.errors / raw.requests : null,
    clientErrorRate: raw ? raw.clientErrors / raw.requests : null,
  });
  for (const name of ['p50', 'p95', 'p99', 'avg', 'max'] as const) {
    const exact = raw?.[name] ?? null;
    if (exact === null) expect(shown.latencyMs[name]).toBeNull();
    else expect(Math.abs((shown.latencyMs[name] ?? Number.NaN) - exact)).toBeLessThanOrEqual(exact * 0.01);
  }
}

describe('figures are those of the raw events', () => {
  test.each<Record<string, string>>([
    { range: '1h' },
    { range: '24h' },
    { range: '7d' },
    { range: '30d' },
    week,
  ])('over %j', async (range) => {
    const { status, json } = await health('overview', range);
    expect(status).toBe(200);
    const { start, end } = json;
    const [raw] = await rawRequests(service.database.pool, { orgId: 'acme', start, end });
    expectFigures(json.platform, raw);
    const seconds = (Math.min(Date.parse(end), Date.now()) - Date.parse(start)) / 1_000;
    expect(json.platform.requestRate).toBeCloseTo((raw?.requests ?? 0) / seconds, 4);
    expect(json.platform.source).toBe('rollups');
    expect(json.asOf).toBe(json.freshness.asOf);
  });

  test('of each route, on any page', async () => {
    const { json } = await health('api', { ...week, limit: '500' });
    const raw = await rawRequests(
      service.database.pool,
      { orgId: 'acme', start: json.start, end: json.end },
      undefined,
      `method || ' ' || route`,
    );
    expect(json.total).toBe(raw.length);
    expect(json.routes).toHaveLength(raw.length);
    for (const route of json.routes) {
      expectFigures(
        route,
        raw.find(({ name }) => name === `${route.method} ${route.route}`),
      );
      const counted = Object.values<number>(route.statusCodes).reduce((sum, count) => sum + count, 0);
      expect(counted).toBe(route.requests);
    }
    const pages = await Promise.all(
      ['0', '3', '6', '9'].map((offset) => health('api', { ...week, limit: '3', offset })),
    );
    expect(pages.flatMap((page) => page.json.routes)).toEqual(json.routes);
  });

  test.each(['1h', '24h', '30d'])(
    'of all orgs together over %s, for a caller that names none',
    async (range) => {
      await send([makeRequest({ orgId: 'globex', at: now - 30 * MINUTE, statusCode: 503 })]);
      const { json } = await service.call(`/api/v1/analytics/health/overview?range=${range}`);
      const { orgId, start, end } = json;
      expect(orgId).toBeNull();
      const [raw] = await rawRequests(service.database.pool, { start, end });
      expectFigures(json.platform, raw);
    },
  );

  test('of one route and method', async () => {
    const filter = { route: '/search', method: 'GET' };
    const { json } = await health('api', { ...week, ...filter });
    const [raw] = await rawRequests(service.database.pool, {
      orgId: 'acme',
      start: json.start,
      end: json.end,
      ...filter,
    });
    expect(json.routes).toHaveLength(1);
    expectFigures(json.routes[0], raw);
  });

  test.each([
    ['hour', 'Asia/Kathmandu', `date_trunc('hour', occurred_at, 'Asia/Kathmandu')`],
    ['day', 'America/New_York', `date_trunc('day', occurred_at, 'America/New_York')`],
    ['minute', 'UTC', `date_trunc('minute', occurred_at)`],
  ])('by the %s in %s', async (granularity, timezone, bucketSql) => {
    const range = granularity === 'minute' ? { start: iso(now - 4 * HOUR), end: iso(now) } : week;
    const metrics = [
      'requests',
      'errors',
      'error_rate',
      'client_errors',
      'latency_avg',
      'latency_p95',
      'latency_max',
    ] as const;
    const answers = await Promise.all(
      metrics.map((metric) => health('timeseries', { ...range, granularity, timezone, metric })),
    );
    const { start, end } = answers[0]?.json ?? {};
    const raw = await rawRequests(service.database.pool, { orgId: 'acme', start, end }, bucketSql);
    const byBucket = new Map(raw.map((point) => [point.at?.toISOString(), point]));
    for (const [index, { json, status }] of answers.entries()) {
      expect(status).toBe(200);
      const seen = json.series.filter(({ bucketStart }: { bucketStart: string }) =>
        byBucket.has(bucketStart),
      );
      expect(seen).toHaveLength(raw.length);
      for (const { bucketStart, value } of json.series) {
        const point = byBucket.get(bucketStart);
        const exact = {
          requests: point?.requests ?? 0,
          errors: point?.errors ?? 0,
          client_errors: point?.clientErrors ?? 0,
          error_rate: point ? point.errors / point.requests : null,
          latency_p95: point?.p95 ?? null,
          latency_avg: point?.avg ?? null,
          latency_max: point?.max ?? null,
        }[metrics[index] ?? 'requests'];
        if (exact === null) expect(value).toBeNull();
        else expect(Math.abs(value - exact)).toBeLessThanOrEqual(exact * 0.01);
      }
    }
  });
});

describe('odd ranges', () => {
  test('a range without requests has no error rate and no latency', async () => {
    const { json } = await health('overview', { orgId: 'nobody', range: '24h' });
    expectFigures(json.platform, undefined);
    expect(json.status).toBe('ok');
    const series = await health('timeseries', { orgId: 'nobody', metric: 'error_rate', range: '24h' });
    expect(new Set(series.json.series.map(({ value }: { value: unknown }) => value))).toEqual(
      new Set([null]),
    );
    expect((await health('api', { orgId: 'nobody' })).json).toMatchObject({ total: 0, routes: [] });
  });

  test('one request is its own average and percentiles', async () => {
    await send([makeRequest({ orgId: 'single', at: now - 2 * HOUR, statusCode: 500, durationMs: 12.345 })]);
    const { json } = await health('overview', { orgId: 'single' });
    expect(json.platform).toMatchObject({
      requests: 1,
      errorRate: 1,
      latencyMs: { avg: 12.345, p50: 12.345, p95: 12.345, p99: 12.345, max: 12.345 },
    });
  });

  test('the day on which clocks go back has 25 hours', async () => {
    const day = Date.parse('2026-10-25T00:00:00Z');
    const inReach = now - day < 390 * DAY && now > day ? day : undefined;
    const at = inReach ?? now - 10 * DAY;
    const events = [-1.5, 0.5, 1.5, 22.5].map((hours) =>
      makeRequest({ orgId: 'clocks', at: at + hours * HOUR }),
    );
    await send(events);
    const { json } = await health('timeseries', {
      orgId: 'clocks',
      metric: 'requests',
      granularity: 'day',
      timezone: 'Europe/Berlin',
      start: iso(at - 2 * DAY),
      end: iso(at + 2 * DAY),
    });
    const raw = await rawRequests(
      service.database.pool,
      { orgId: 'clocks', start: json.start, end: json.end },
      `date_trunc('day', occurred_at, 'Europe/Berlin')`,
    );
    const shown = json.series.filter(({ value }: { value: number }) => value > 0);
    expect(shown).toEqual(
      raw.map(({ at: bucket, requests }) => ({ bucketStart: bucket?.toISOString(), value: requests })),
    );
  });
});
