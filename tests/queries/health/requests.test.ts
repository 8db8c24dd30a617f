import { beforeAll, describe, expect, test } from 'vitest';
import type { RequestFigures } from '../../../src/queries/health/request-figures.ts';
import { rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { DAY, HOUR, MINUTE } from '../../../src/time.ts';
import { makeRequest, makeRequests, type RequestEvent } from '../../support/service/requests.ts';
import { tokenOf, useService } from '../../support/service/service.ts';

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

beforeAll(() => send(makeRequests(2_000, { end: now - MINUTE, span: 6 * DAY })));

function health(what: string, query: Record<string, string> = {}, token?: string) {
  return service.call(
    `/api/v1/analytics/health/${what}?${new URLSearchParams({ orgId: 'acme', ...query })}`,
    {
      ...(token !== undefined && { token }),
    },
  );
}

const week = { start: iso(now - 6 * DAY), end: iso(now) };

describe('routes are sorted', () => {
  const sorted = async (query: Record<string, string>) =>
    (await health('api', { ...week, ...query })).json.routes;

  test('worst first: by the certain error rate, not by one unlucky request', async () => {
    const at = now - HOUR;
    const requestsWith = (route: string, count: number, failures: number) =>
      Array.from({ length: count }, (_, n) =>
        makeRequest({ orgId: 'worst', at, route, statusCode: n < failures ? 500 : 200 }),
      );
    await send([
      ...requestsWith('/unlucky', 1, 1),
      ...requestsWith('/broken', 200, 80),
      ...requestsWith('/fine', 300, 0),
    ]);
    const { json } = await health('api', { orgId: 'worst' });
    expect(json.routes.map(({ route }: { route: string }) => route)).toEqual([
      '/broken',
      '/unlucky',
      '/fine',
    ]);
  });

  test.each(['requests', 'errorRate', 'p95'] as const)('by %s, in both directions', async (sort) => {
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

test('the status names its reasons, such as many failures in the last minutes', async () => {
  const at = Date.now() - 20_000;
  const requestsWith = (orgId: string, failures: number) =>
    Array.from({ length: 40 }, (_, n) =>
      makeRequest({ orgId, at, statusCode: n < failures ? 502 : 200, durationMs: n < 5 ? 90_000 : 30 }),
    );
  await send([...requestsWith('shaky', 4), ...requestsWith('gone', 30)]);
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

describe('a caller', () => {
  test('sees their own org and no other', async () => {
    const engineer = await tokenOf(['engineer'], ['acme']);
    expect((await health('overview', {}, engineer)).status).toBe(200);
    expect((await health('overview', { orgId: 'globex' }, engineer)).status).toBe(403);
    const alone = await service.call('/api/v1/analytics/health/api', { token: engineer });
    expect(alone.json.orgId).toBe('acme');
  });

  test('may be the admin of an org, and need not name a metric', async () => {
    const token = await tokenOf(['org_admin'], ['acme']);
    const { json } = await service.call('/api/v1/analytics/health/timeseries?range=1h', { token });
    expect(json).toMatchObject({
      orgId: 'acme',
      metric: 'requests',
      unit: 'requests',
      granularity: 'minute',
    });
    expect((await health('timeseries', { orgId: 'globex' }, token)).status).toBe(403);
  });

  test('needs a role that may see the platform', async () => {
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
  ['timeseries', 'granularity', { metric: 'errors', granularity: 'year' }, /one of minute/],
])('%s refuses a wrong %s and says what is allowed', async (what, path, query, message) => {
  const { status, json } = await health(what, query);
  expect(status).toBe(400);
  expect(json.errors).toEqual([{ path, message: expect.stringMatching(message) }]);
});
