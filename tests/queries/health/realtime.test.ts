import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { findFreePort } from '../../../src/database/embedded/free-port.ts';
import { prometheusApi } from '../../../src/telemetry/prometheus/api.ts';
import { prometheusRealtime } from '../../../src/telemetry/prometheus/prometheus-realtime.ts';
import { readScrape } from '../../../src/telemetry/prometheus/scrape.ts';
import { ScrapedRealtime } from '../../../src/telemetry/prometheus/scraped-realtime.ts';
import { MINUTE, SECOND } from '../../../src/time.ts';
import { useService } from '../../support/service/service.ts';

const [httpPort, deadPort, strangePort] = [await findFreePort(), await findFreePort(), await findFreePort()];
const start = Date.parse('2026-03-01T00:00:00Z');

/** `/metrics` of a process that has answered this many requests, the slow ones within a second. */
function exposed(startedAt: number, counts: { ok: number; failed: number; slow: number }): string {
  return `
# HELP tidemark_http_request_duration_seconds Time
# TYPE tidemark_http_request_duration_seconds histogram
tidemark_http_request_duration_seconds_bucket{le="0.1",method="GET",route="/a \\"b\\"",status="200"} ${counts.ok - counts.slow}
tidemark_http_request_duration_seconds_bucket{le="1",method="GET",route="/a \\"b\\"",status="200"} ${counts.ok}
tidemark_http_request_duration_seconds_bucket{le="+Inf",method="GET",route="/a \\"b\\"",status="200"} ${counts.ok}
tidemark_http_request_duration_seconds_sum{method="GET",route="/a \\"b\\"",status="200"} 1
tidemark_http_request_duration_seconds_count{method="GET",route="/a \\"b\\"",status="200"} ${counts.ok}
tidemark_http_request_duration_seconds_bucket{le="+Inf",method="GET",route="/b",status="503"} ${counts.failed}
tidemark_http_request_duration_seconds_bucket{le="0.1",method="GET",route="/b",status="503"} ${counts.failed}
tidemark_http_request_duration_seconds_count{method="GET",route="/b",status="503"} ${counts.failed}
tidemark_http_request_duration_seconds_bucket{le="0.1",method="GET",route="/metrics",status="200"} 1000000
tidemark_http_request_duration_seconds_count{method="GET",route="/metrics",status="200"} 1000000
tidemark_http_request_duration_seconds_count{method="GET",route="/analytics/v1/status/readyz",status="503"} 1000000
# TYPE tidemark_process_start_time_seconds gauge
tidemark_process_start_time_seconds ${startedAt / 1_000}
# TYPE tidemark_rollup_lag_seconds gauge
tidemark_rollup_lag_seconds 2.5
other_metric{a="b"} NaN
`;
}

describe('a scrape', () => {
  test('separates requests by status, leaves out probes, and adds up histograms of all routes', () => {
    const scrape = readScrape(exposed(start, { ok: 90, failed: 10, slow: 9 }), start + MINUTE);
    expect(scrape).toMatchObject({ at: start + MINUTE, startedAt: start, rollupLagSeconds: 2.5 });
    expect([...(scrape.requests ?? [])]).toEqual([
      ['200', 90],
      ['503', 10],
    ]);
    expect(Object.fromEntries(scrape.latency ?? [])).toEqual({ 0.1: 91, 1: 90, Infinity: 100 });
  });

  test.each(['', '<html>Not found</html>', 'other_metric 1\n'])(
    'without metrics of the service is refused: %j',
    (text) => {
      expect(() => readScrape(text, start)).toThrow('has no metrics of the service');
    },
  );
});

describe('rates from scrapes', () => {
  const scraped = (target: (now: number) => string) => {
    let now = start;
    const realtime = new ScrapedRealtime({
      source: 'scrape',
      targets: [{ name: 'it', fetch: async () => target(now) }],
      clock: { now: () => now },
      window: MINUTE,
      budget: 10 * SECOND,
    });
    return {
      readAt: (seconds: number) => {
        now = start + seconds * SECOND;
        return realtime.read();
      },
    };
  };
  const old = start - 100 * MINUTE;
  /** Ten requests a second, one of which fails. */
  const steady = (startedAt: number) => (now: number) => {
    const seconds = (now - startedAt) / SECOND;
    return exposed(startedAt, { ok: 9 * seconds, failed: seconds, slow: 0 });
  };

  test('of one process with a NaN leave out that metric of it, name it, and keep the others', async () => {
    let now = start;
    const withNaN = () => steady(old)(now).replace(/(_count\{method="GET",route="\/b".*) \d+/, '$1 NaN');
    const realtime = new ScrapedRealtime({
      source: 'scrape',
      targets: [
        { name: 'well', fetch: async () => steady(old)(now) },
        { name: 'odd', fetch: async () => withNaN() },
      ],
      clock: { now: () => now },
      window: MINUTE,
      budget: 10 * SECOND,
    });
    await realtime.read();
    now = start + 30 * SECOND;
    const figures = await realtime.read();
    expect(figures).toMatchObject({
      ...{ processes: 2, requestRate: 10, errorRate: 0.1, rollupLagSeconds: 2.5, unreachable: [] },
      latencyMs: { p50: expect.any(Number) },
      missing: [
        {
          part: 'odd',
          reason: 'tidemark_http_request_duration_seconds_count has a value that is NaN or infinite',
        },
      ],
    });
  });

  test('need two scrapes of a process that has run for long', async () => {
    const { readAt } = scraped(steady(old));
    const first = await readAt(0);
    expect(first).toMatchObject({ requestRate: null, uptimeSeconds: 6_000, rollupLagSeconds: 2.5 });
    expect(first.missing).toContainEqual({
      part: 'requestRate',
      reason: 'needs a second scrape; try again later',
    });
    expect(await readAt(10)).toMatchObject({ requestRate: 10, errorRate: 0.1, missing: [] });
  });

  test('need one scrape of a process that has just started', async () => {
    const { readAt } = scraped(steady(start - 20 * SECOND));
    expect(await readAt(0)).toMatchObject({ requestRate: 10, uptimeSeconds: 20, missing: [] });
  });

  test('begin again when the process restarts', async () => {
    const { readAt } = scraped((now) => steady(now < start + 20 * SECOND ? old : start + 15 * SECOND)(now));
    await readAt(0);
    await readAt(10);
    expect(await readAt(25)).toMatchObject({ requestRate: 10, uptimeSeconds: 10 });
  });

  test('cover only the window', async () => {
    const burst = (now: number) =>
      exposed(old, { ok: now < start + 30 * SECOND ? 0 : 6_000, failed: 0, slow: 0 });
    const { readAt } = scraped(burst);
    for (let seconds = 0; seconds < 60; seconds += 10) await readAt(seconds);
    expect((await readAt(60)).requestRate).toBe(100);
    for (let seconds = 70; seconds < 150; seconds += 10) await readAt(seconds);
    expect((await readAt(150)).requestRate).toBe(0);
  });
});

describe('with METRICS_TARGETS', () => {
  const service = useService({
    HTTP_PORT: String(httpPort),
    METRICS_TARGETS: `http://127.0.0.1:${httpPort}/metrics,http://127.0.0.1:${deadPort}/metrics`,
  });

  test('targets that answer are counted, and those that do not are named', async () => {
    const read = async () => (await service.call('/api/v1/analytics/health/overview')).json;
    const name = `127.0.0.1:${deadPort}`;
    // Polled, because a busy machine may not answer in time.
    await expect
      .poll(async () => (await read()).service, { timeout: 60_000 })
      .toMatchObject({
        source: 'scrape',
        processes: 1,
        uptimeSeconds: expect.any(Number),
        unreachable: [name],
        missing: [{ part: name, reason: expect.stringContaining('ECONNREFUSED') }],
      });
    const { status, reasons } = await read();
    expect(status).toBe('degraded');
    expect(reasons.map(({ message }: { message: string }) => message)).toContain(
      `the process at ${name} does not answer`,
    );
  });
});

describe('by default', () => {
  const service = useService();

  test('the process reports its own figures', async () => {
    await service.call('/analytics/v1/orgs/acme/usage');
    await expect
      .poll(async () => (await service.call('/api/v1/analytics/health/overview')).json.service, {
        timeout: 60_000,
      })
      .toMatchObject({ source: 'process', processes: 1, missing: [], unreachable: [] });
  });
});

async function serve(answer: RequestListener): Promise<string> {
  const server: Server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://user:pa%20ss@127.0.0.1:${(server.address() as AddressInfo).port}/prometheus/`;
}

/** Results that take the place of an instant vector and are none. */
const strangeResults = {
  'no samples': 'null',
  'a sample that is null': '[null]',
  'a sample without a value': '[{"metric":{}}]',
  'a sample without labels': '[{"value":[0,"1"]}]',
  'labels that are no texts': '[{"metric":{"le":1},"value":[0,"1"]}]',
  'a value without its time': '[{"metric":{},"value":"1"}]',
  'a value that is no text': '[{"metric":{},"value":[0,1]}]',
  'a value that is no number': '[{"metric":{},"value":[0,"many"]}]',
  'a value that is empty': '[{"metric":{},"value":[0,""]}]',
};

describe('a server that is not a working Prometheus', () => {
  const read = (url: string) =>
    prometheusRealtime({
      api: prometheusApi(url),
      clock: { now: () => start },
      window: MINUTE,
      budget: 2 * SECOND,
    }).read();

  test.each<[string, number, string, string]>([
    ['an error', 400, '{"status":"error","error":"parse error"}', 'Prometheus: parse error'],
    ['a page', 502, '<html>Bad gateway</html>', 'Prometheus: answered 502 without JSON'],
    ['half an answer', 200, '{"status":"success","data":', 'Prometheus: answered 200 without JSON'],
    [
      'a server that scrapes something else',
      200,
      '{"status":"success","data":{"resultType":"vector","result":[]}}',
      'Prometheus: has no metrics of the service; check that it scrapes /metrics',
    ],
    ...Object.entries(strangeResults).map(
      ([what, result]) =>
        [
          what,
          200,
          `{"status":"success","data":{"resultType":"vector","result":${result}}}`,
          'Prometheus: the answer is not in the format of Prometheus; check its URL',
        ] as [string, number, string, string],
    ),
    [
      'success without data',
      200,
      '{"status":"success"}',
      'Prometheus: the answer is not in the format of Prometheus; check its URL',
    ],
    ['null', 200, 'null', 'Prometheus: answered 200'],
    [
      'native histograms',
      200,
      '{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"histogram":[0,{"count":"1"}]}]}}',
      'Prometheus: the expression returns native histograms; turn them into numbers, for example with histogram_quantile',
    ],
  ])('has its answer reported: %s', async (_what, status, body, reason) => {
    const url = await serve((_request, response) => response.writeHead(status).end(body));
    const { missing, requestRate } = await read(url);
    expect(requestRate).toBeNull();
    expect(missing).toHaveLength(5);
    for (const part of missing) expect(part.reason).toBe(reason);
  });

  test('is asked under the path and password of its URL', async () => {
    const asked: unknown[] = [];
    const url = await serve((request, response) => {
      asked.push([request.url, request.headers.authorization]);
      response.end('{"status":"success","data":{"resultType":"scalar","result":[0,"1"]}}');
    });
    await read(url);
    const password = `Basic ${Buffer.from('user:pa ss').toString('base64')}`;
    expect(asked).toContainEqual(['/prometheus/api/v1/query', password]);
  });

  test('that answers some queries gives those figures', async () => {
    const url = await serve((request, response) => {
      let body = '';
      request.on('data', (piece) => {
        body += piece;
      });
      request.on('end', () => {
        const query = new URLSearchParams(body).get('query') ?? '';
        const result = (value: string) => [{ metric: { status: '200', le: '+Inf' }, value: [0, value] }];
        if (query.includes('_bucket')) response.writeHead(503).end('{"status":"error","error":"too slow"}');
        else {
          const value = query.startsWith('tidemark_process') ? String(start / 1_000 - 60) : '2';
          const data = { resultType: 'vector', result: result(value) };
          response.end(JSON.stringify({ status: 'success', data }));
        }
      });
    });
    const figures = await read(url);
    expect(figures).toMatchObject({ uptimeSeconds: 60, requestRate: 2, rollupLagSeconds: 2 });
    expect(figures.missing).toEqual(
      ['latencyMs', 'queryMs'].map((part) => ({ part, reason: 'Prometheus: too slow' })),
    );
  });
});

describe('with a Prometheus that answers nonsense', () => {
  const service = useService({ PROMETHEUS_URL: `http://127.0.0.1:${strangePort}` });
  const nonsense = createServer((_request, response) =>
    response.end('{"status":"success","data":{"resultType":"vector","result":[{"metric":{}}]}}'),
  );
  beforeAll(async () => {
    await once(nonsense.listen(strangePort, '127.0.0.1'), 'listening');
  });
  afterAll(() => {
    nonsense.closeAllConnections();
    nonsense.close();
  });

  test('answers come without it, and say what is missing', async () => {
    const reason = 'Prometheus: the answer is not in the format of Prometheus; check its URL';
    const ask = async (what: string) => (await service.call(`/api/v1/analytics/health/${what}`)).json;
    // Polled, because a busy machine may not answer in time.
    const overview = async () => (await ask('overview')).service.missing;
    await expect.poll(overview, { timeout: 60_000 }).toContainEqual({ part: 'requestRate', reason });
    const database = async () => (await ask('database')).missing;
    await expect.poll(database, { timeout: 60_000 }).toContainEqual({ part: 'latency.queryMs', reason });
    expect((await ask('overview')).status).toBe('ok');
  });
});
