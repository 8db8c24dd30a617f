import { describe, expect, test } from 'vitest';
import { errorRateLowerBound } from './api.ts';
import { healthOf, healthThresholds } from './status.ts';

const thresholds = healthThresholds({ healthErrorPercent: 5, healthDownPercent: 50, healthLatency: 2_000 });
const latencyMs = { avg: 20, p50: 10, p95: 100, p99: 200, max: 300 };
const well = {
  platform: { requests: 1_000, errorRate: 0.01, latencyMs },
  service: { requestRate: 10, windowSeconds: 60, errorRate: 0, latencyMs, unreachable: [] },
  freshness: { status: 'fresh', lagSeconds: 1 },
} as const satisfies Parameters<typeof healthOf>[0];

function judge(change: Partial<Parameters<typeof healthOf>[0]>) {
  const { status, reasons } = healthOf({ ...well, ...change }, thresholds);
  return [status, ...reasons.map(({ code }) => code)];
}

describe('health is', () => {
  test('ok when nothing is wrong', () => expect(judge({})).toEqual(['ok']));

  test.each([
    [0.049, 1_000, ['ok']],
    [0.05, 1_000, ['degraded', 'platform_errors']],
    [0.5, 1_000, ['down', 'platform_failing']],
    // A share of so few requests says nothing.
    [1, 19, ['ok']],
    [1, 20, ['down', 'platform_failing']],
    [null, 0, ['ok']],
  ])('judged by an error rate of %s of %d requests', (errorRate, requests, expected) => {
    expect(judge({ platform: { requests, errorRate, latencyMs } })).toEqual(expected);
  });

  test.each([
    [2_000, ['ok']],
    [2_001, ['degraded', 'platform_slow']],
  ])('judged by a p95 of %d ms', (p95, expected) => {
    const platform = { requests: 100, errorRate: 0, latencyMs: { ...latencyMs, p95 } };
    expect(judge({ platform })).toEqual(expected);
  });

  test('explained with the time range of its figures, and with the limit', () => {
    const slow = { ...latencyMs, p95: 2_093 };
    const { reasons } = healthOf(
      {
        ...well,
        platform: { requests: 100, errorRate: 0.06, latencyMs: slow },
        service: { ...well.service, latencyMs: slow },
      },
      thresholds,
    );
    expect(reasons.map(({ message }) => message)).toEqual([
      '6 % of 100 requests to the platform in the last 5 minutes failed',
      'the p95 of the requests to the platform in the last 5 minutes is 2093 ms; the limit is 2000 ms',
      'the p95 of the requests to the service in the last minute is 2093 ms; the limit is 2000 ms',
    ]);
  });

  test('judged by the service itself while its figures are known', () => {
    const failing = { ...well.service, errorRate: 0.6 };
    expect(judge({ service: failing })).toEqual(['down', 'service_failing']);
    const none = { p50: null, p95: null, p99: null };
    const unknown = { ...well.service, requestRate: null, errorRate: null, latencyMs: none };
    expect(judge({ service: unknown })).toEqual(['ok']);
  });

  test('degraded while rollups are behind or a process does not answer, with every reason named', () => {
    const service = { ...well.service, unreachable: ['worker:8084'] };
    const { status, reasons } = healthOf(
      { ...well, service, freshness: { status: 'stale', lagSeconds: 400 } },
      thresholds,
    );
    expect(status).toBe('degraded');
    expect(reasons).toMatchObject([
      { code: 'process_unreachable', message: 'the process at worker:8084 does not answer' },
      { code: 'rollups_behind', value: 400, threshold: 300 },
    ]);
  });
});

test('the certain error rate grows with the failures and with the number of requests', () => {
  // The lower bounds of Wilson's interval for 1 of 1, 50 of 100 and 500 of 1000.
  expect(errorRateLowerBound(1, 1)).toBeCloseTo(0.2065, 3);
  expect(errorRateLowerBound(50, 100)).toBeCloseTo(0.4038, 3);
  expect(errorRateLowerBound(500, 1_000)).toBeCloseTo(0.4691, 3);
  expect(errorRateLowerBound(0, 1_000)).toBe(0);
  expect(errorRateLowerBound(0, 0)).toBe(0);
});
