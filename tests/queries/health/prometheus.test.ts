import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findFreePort } from '../../../src/database/embedded/free-port.ts';
import { prometheusApi } from '../../../src/telemetry/prometheus/api.ts';
import { prometheusRealtime } from '../../../src/telemetry/prometheus/prometheus-realtime.ts';
import type { Realtime } from '../../../src/telemetry/prometheus/realtime.ts';
import { SECOND, systemClock } from '../../../src/time.ts';
import { havePrometheus, type Prometheus, startPrometheus } from '../../support/servers/prometheus.ts';
import { useService } from '../../support/service/service.ts';
import { skipUnless } from '../../support/skip-unless.ts';

const [httpPort, prometheusPort, nanPort] = [
  await findFreePort(),
  await findFreePort(),
  await findFreePort(),
];
const patient = { timeout: 90_000, interval: 500 };

describe('with a Prometheus that scrapes the service', skipUnless(havePrometheus, 'needs Prometheus'), () => {
  const service = useService({
    HTTP_PORT: String(httpPort),
    PROMETHEUS_URL: `http://127.0.0.1:${prometheusPort}`,
    REALTIME_WINDOW: '10s',
  });
  let prometheus: Prometheus | undefined;
  beforeAll(async () => {
    // The port was free before services of other tests took theirs.
    expect(service.origin).toBe(`http://127.0.0.1:${httpPort}`);
  });
  afterAll(() => prometheus?.stop());

  const overview = async () => {
    const { status, json } = await service.call('/api/v1/analytics/health/overview?range=1h');
    expect(status).toBe(200);
    return json;
  };
  const realtime = async (): Promise<Realtime> => (await overview()).service;
  const reasons = async () => (await realtime()).missing.map(({ reason }) => reason);
  const all = { source: 'prometheus', processes: null, uptimeSeconds: null, requestRate: null };

  test('before it starts, the answer comes without it and says what is missing', async () => {
    const { platform, status, service: figures } = await overview();
    expect(figures).toMatchObject(all);
    expect(figures.missing).toEqual(
      ['uptimeSeconds', 'requestRate', 'latencyMs', 'queryMs', 'rollupLagSeconds'].map((part) => ({
        part,
        reason: expect.stringContaining('cannot be reached (ECONNREFUSED)'),
      })),
    );
    expect({ status, requests: platform.requests }).toEqual({ status: 'ok', requests: 0 });
  });

  test('after it starts, it gives the real-time figures', async () => {
    prometheus = await startPrometheus(prometheusPort, `127.0.0.1:${httpPort}`);
    await expect.poll(realtime, patient).toMatchObject({
      source: 'prometheus',
      windowSeconds: 10,
      processes: 1,
      uptimeSeconds: expect.any(Number),
      requestRate: expect.toSatisfy((rate) => rate > 0),
      errorRate: 0,
      latencyMs: { p50: expect.any(Number), p95: expect.any(Number), p99: expect.any(Number) },
      queryMs: { p50: expect.any(Number) },
      rollupLagSeconds: 0,
      missing: [],
    });
    const { latencyMs } = await realtime();
    expect(latencyMs.p50).toBeLessThanOrEqual(latencyMs.p99 ?? 0);
  });

  test.for([
    ['', 10],
    ['?range=1h', 3_600],
    ['?range=30d', 2_592_000],
  ] as const)('the query latency covers the given range: health/database%s', async ([query, seconds]) => {
    const latency = async () =>
      (await service.call(`/api/v1/analytics/health/database${query}`)).json.latency;
    await expect.poll(latency, patient).toMatchObject({
      source: 'prometheus',
      windowSeconds: seconds,
      queryMs: { p95: expect.any(Number) },
    });
  });

  test('while it hangs, the answer comes without it', async () => {
    prometheus?.pause();
    await expect.poll(reasons, patient).toContain('Prometheus: did not answer in time');
    prometheus?.resume();
    await expect.poll(reasons, patient).toEqual([]);
  });

  test('after it stops, the answer says so', async () => {
    await prometheus?.stop();
    prometheus = undefined;
    await expect
      .poll(reasons, patient)
      .toContainEqual(expect.stringMatching(/^Prometheus: (cannot be reached|fetch failed|other side)/));
    expect(await realtime()).toMatchObject(all);
  });
});

test.skipIf(!havePrometheus)(
  'a process with a NaN is named, and the figures of the others stay',
  async () => {
    const odd = createServer((_request, response) =>
      response
        .setHeader('content-type', 'text/plain; version=0.0.4')
        .end('tidemark_process_start_time_seconds 1\ntidemark_rollup_lag_seconds NaN\n'),
    );
    const well = createServer((_request, response) =>
      response
        .setHeader('content-type', 'text/plain; version=0.0.4')
        .end('tidemark_process_start_time_seconds 1\ntidemark_rollup_lag_seconds 2\n'),
    );
    const targets: string[] = [];
    for (const server of [odd, well]) {
      await once(server.listen(0, '127.0.0.1'), 'listening');
      targets.push(`127.0.0.1:${(server.address() as AddressInfo).port}`);
    }
    const prometheus = await startPrometheus(nanPort, targets);
    try {
      const realtime = prometheusRealtime({
        api: prometheusApi(`http://127.0.0.1:${nanPort}`),
        clock: systemClock,
        window: 10 * SECOND,
        budget: 2 * SECOND,
      });
      await expect
        .poll(() => realtime.read(), patient)
        .toMatchObject({
          processes: 2,
          rollupLagSeconds: 2,
          missing: expect.arrayContaining([
            { part: targets[0], reason: 'Prometheus: a metric of it has a value that is NaN' },
          ]),
        });
      const { missing } = await realtime.read();
      expect(missing.map(({ part }) => part)).not.toContain(targets[1]);
    } finally {
      await prometheus.stop();
      for (const server of [odd, well]) server.close();
    }
  },
);
