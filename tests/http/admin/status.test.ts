import { describe, expect, test } from 'vitest';
import { makeUsage } from '../../support/events/fixtures.ts';
import { useService } from '../../support/service/service.ts';

const service = useService();
const STATUS = '/analytics/v1/status';

test('the service is alive, ready and counted', async () => {
  expect((await service.call(`${STATUS}/healthz`, { token: null })).json).toEqual({ status: 'ok' });
  const ready = await service.call(`${STATUS}/readyz`, { token: null });
  expect(ready.json).toMatchObject({ status: 'ready', checks: { database: 'ok' } });
});

test('metrics count events by source and outcome, and measure each route', async () => {
  const event = makeUsage();
  await service.call('/analytics/v1/events', { body: [event, event, {}] });
  const { text, headers } = await service.call('/metrics', { token: null });
  expect(headers.get('content-type')).toMatch(/^text\/plain/);
  expect(text).toContain('tidemark_ingest_events_total{source="http",outcome="stored"} 1');
  expect(text).toContain('tidemark_ingest_events_total{source="http",outcome="duplicate"} 1');
  expect(text).toContain('tidemark_ingest_events_total{source="http",outcome="rejected"} 1');
  expect(text).toMatch(
    /tidemark_http_request_duration_seconds_count\{method="POST",route="\/analytics\/v1\/events",status="207"\} 1/,
  );
  for (const name of [
    'queue_events',
    'flush_duration_seconds',
    'flush_events',
    'database_pool_connections',
    'rollup_lag_seconds',
    'process_cpu_seconds_total',
  ]) {
    expect(text).toContain(`\ntidemark_${name}`);
  }
});

test('unknown paths add no metrics of their own', async () => {
  await Promise.all(Array.from({ length: 20 }, (_, index) => service.call(`/made-up-${index}`)));
  const { text } = await service.call('/metrics');
  expect(text).toContain('route="none",status="404"');
  expect(text).not.toContain('made-up');
});

describe('every answer', () => {
  test('carries the ids of its request, and so does its log line', async () => {
    const ids = { 'x-request-id': 'req:1', 'x-correlation-id': 'order/42' };
    const { headers } = await service.call('/analytics/v1/api-keys', { headers: ids });
    expect(headers.get('x-request-id')).toBe('req:1');
    expect(headers.get('x-correlation-id')).toBe('order/42');
    await expect
      .poll(() => service.log.find(({ requestId }) => requestId === 'req:1'))
      .toMatchObject({
        correlationId: 'order/42',
        route: '/analytics/v1/api-keys',
        status: 200,
        actor: 'test',
      });
  });

  test('takes one given id for both', async () => {
    const { headers } = await service.call(`${STATUS}/healthz`, {
      headers: { 'x-correlation-id': 'only-this' },
    });
    expect([headers.get('x-request-id'), headers.get('x-correlation-id')]).toEqual([
      'only-this',
      'only-this',
    ]);
  });

  test.each([
    [`${STATUS}/healthz`, 'no-store'],
    ['/nope', 'no-store'],
    // A copy may be kept and must be compared by its ETag at each use.
    ['/openapi.json', 'no-cache'],
  ])('forbids embedding, sniffing and caching: %s', async (path, caching) => {
    const { headers } = await service.call(path, { token: null });
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe(caching);
    expect(headers.get('x-powered-by')).toBeNull();
  });
});
