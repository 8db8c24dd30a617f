// biome-ignore-all lint/style/noExcessiveLinesPerFile: its cases share one set-up
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
import { tokenOf, useService } from '../../support/service/service.ts';

// Far beyond what this service may take on a busy machine, so that only the platform's figures decide.
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

function health(what: string, query: Record<string, string> = {}, token?: string) {
  return service.call(
    `/api/v1/analytics/health/${what}?${new URLSearchParams({ orgId: 'acme', ...query })}`,
    {
      ...(token !== undefined && { token }),
    },
  );
}

const week = { start: iso(now - 6 * DAY), end: iso(now) };

/** Counts exactly, percentiles within 1 %. */
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

  test('of each route, whatever the page', async () => {
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

  test.each(['1h', '24h', '30d'])('of all orgs together over %s, for who asks for none', async (range) => {
    await send([makeRequest({ orgId: 'globex', at: now - 30 * MINUTE, statusCode: 503 })]);
    const { json } = await service.call(`/api/v1/analytics/health/overview?range=${range}`);
    const { orgId, start, end } = json;
    expect(orgId).toBeNull();
    const [raw] = await rawRequests(service.database.pool, { start, end });
    expectFigures(json.platform, raw);
  });

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
  test('a time without requests has none, and no shares or times', async () => {
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

describe('routes are sorted', () => {
  const sorted = async (query: Record<string, string>) =>
    (await health('api', { ...week, ...query })).json.routes;

  test('worst first: by the error rate that is certain, not by one unlucky request', async () => {
    const at = now - HOUR;
    const of = (route: string, count: number, failures: number) =>
      Array.from({ length: count }, (_, n) =>
        makeRequest({ orgId: 'worst', at, route, statusCode: n < failures ? 500 : 200 }),
      );
    await send([...of('/unlucky', 1, 1), ...of('/broken', 200, 80), ...of('/fine', 300, 0)]);
    const { json } = await health('api', { orgId: 'worst' });
    expect(json.routes.map(({ route }: { route: string }) => route)).toEqual([
      '/broken',
      '/unlucky',
      '/fine',
    ]);
  });

  test.each(['requests', 'errorRate', 'p95'] as const)('by %s, either way', async (sort) => {
    const keyOf = (route: RequestFigures) =>
      sort === 'p95' ? route.latencyMs.p95 : (route[sort] as number | null);
    const down = (await sorted({ sort })).map(keyOf);
    expect(down).toEqual(down.toSorted((a: number, b: number) => b - a));
    expect((await sorted({ sort, order: 'asc' })).map(keyOf)).toEqual(down.toReversed());
  });

  test('by name', async () => {
    const names = (await sorted({ sort: 'route' })).map(({ route }: { route: string }) => route);
    expect(names).toEqual(names.toSorted());
  });
});

test('the status names its reasons: many failures of the last minutes are one', async () => {
  const at = Date.now() - 20_000;
  const of = (orgId: string, failures: number) =>
    Array.from({ length: 40 }, (_, n) =>
      makeRequest({ orgId, at, statusCode: n < failures ? 502 : 200, durationMs: n < 5 ? 90_000 : 30 }),
    );
  await send([...of('shaky', 4), ...of('gone', 30)]);
  const shaky = await health('overview', { orgId: 'shaky' });
  expect(shaky.json).toMatchObject({
    status: 'degraded',
    reasons: [
      { code: 'platform_errors', status: 'degraded', value: 0.1, threshold: 0.05 },
      { code: 'platform_slow', status: 'degraded', threshold: 60_000 },
    ],
  });
  const gone = await health('overview', { orgId: 'gone' });
  expect(gone.json).toMatchObject({ status: 'down', reasons: [{ code: 'platform_failing' }, {}] });
});

describe('who asks', () => {
  test('sees its own org, and is refused others', async () => {
    const engineer = await tokenOf(['engineer'], ['acme']);
    expect((await health('overview', {}, engineer)).status).toBe(200);
    expect((await health('overview', { orgId: 'globex' }, engineer)).status).toBe(403);
    const alone = await service.call('/api/v1/analytics/health/api', { token: engineer });
    expect(alone.json.orgId).toBe('acme');
  });

  test('must have a role that may see the platform', async () => {
    const viewer = await tokenOf(['business_viewer'], ['acme']);
    for (const what of ['overview', 'api', 'timeseries']) {
      expect((await health(what, { metric: 'requests' }, viewer)).status).toBe(403);
    }
  });
});

test.each<[string, string, Record<string, string>, RegExp]>([
  ['overview', 'range', { range: '2h' }, /one of 1h, 24h, 7d, 30d/],
  ['overview', 'start', { start: week.end, end: week.start }, /before the end/],
  ['overview', 'timezone', { timezone: 'Nowhere' }, /IANA/],
  ['overview', 'limit', { limit: '1' }, /not known/],
  ['api', 'sort', { sort: 'best' }, /one of worst, requests, errorRate/],
  ['api', 'order', { order: 'up' }, /one of asc, desc/],
  ['api', 'limit', { limit: '0' }, /1/],
  ['timeseries', 'metric', { metric: 'happiness' }, /one of requests, request_rate, errors/],
  ['timeseries', 'metric', {}, /required; one of requests, request_rate/],
  ['timeseries', 'granularity', { metric: 'errors', granularity: 'month' }, /one of minute/],
])('%s refuses a wrong %s and says what is right', async (what, path, query, message) => {
  const { status, json } = await health(what, query);
  expect(status).toBe(400);
  expect(json.errors).toEqual([{ path, message: expect.stringMatching(message) }]);
});
