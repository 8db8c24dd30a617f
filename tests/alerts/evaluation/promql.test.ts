import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { findFreePort } from '../../../src/database/embedded/free-port.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/time.ts';
import { havePrometheus, type Prometheus, startPrometheus } from '../../support/servers/prometheus.ts';
import { useService } from '../../support/service/service.ts';
import { skipUnless } from '../../support/skip-unless.ts';

const ALERTS = '/api/v1/analytics/alerts';
const patiently = { timeout: 90 * SECOND, interval: 250 };
/** Less than the five minutes for which Prometheus keeps the latest value. */
const SCRAPED_EVERY = 4 * MINUTE;
const TROUBLE = { from: 4 * DAY, to: 4 * DAY - 2 * HOUR };

/** Six days of two pipelines, one of which was in trouble four days ago. */
function historyBefore(now: number): string {
  const lines = ['# TYPE backlog gauge'];
  for (const pipeline of ['3d', 'assets']) {
    for (let ago = 6 * DAY; ago > 3 * HOUR; ago -= SCRAPED_EVERY) {
      const inTrouble = pipeline === '3d' && ago <= TROUBLE.from && ago > TROUBLE.to;
      lines.push(`backlog{pipeline="${pipeline}"} ${inTrouble ? 20 : 1} ${(now - ago) / SECOND}`);
    }
  }
  return `${lines.join('\n')}\n# EOF\n`;
}

/** The metrics that Prometheus scrapes. */
const depths = new Map([
  ['{pipeline="3d",worker="a"}', 12],
  ['{pipeline="3d",worker="b"}', 40],
  ['{pipeline="assets",worker="a"}', 3],
]);
/** Labels that are too long to keep, or that PostgreSQL cannot store. */
const oddValues = {
  [`${'p'.repeat(200)}/a`]: 1,
  [`${'p'.repeat(200)}/b`]: 30,
  [`${'q'.repeat(199)}😀`]: 31,
  'with\0nul': 32,
  plain: 33,
};
const target = createServer((_request, response) => {
  const wide = Array.from({ length: 1_100 }, (_, index) => `wide{n="${index}"} 1`);
  const queue = [...depths].map(([labels, depth]) => `queue_depth${labels} ${depth}`);
  const odd = Object.entries(oddValues).map(([label, value]) => `odd{path="${label}"} ${value}`);
  response.setHeader('content-type', 'text/plain; version=0.0.4');
  response.end(`${[...queue, ...wide, ...odd].join('\n')}\n`);
});

describe('rules over PromQL', skipUnless(havePrometheus, 'needs Prometheus'), () => {
  const env: Record<string, string> = { ROLES: 'api,ingest,worker', BUILT_IN_ALERTS: 'off' };
  const now = Math.floor(Date.now() / SECOND) * SECOND;
  let prometheus: Prometheus;
  let url = '';
  beforeAll(async () => {
    target.listen(0, '127.0.0.1');
    await once(target, 'listening');
    const port = await findFreePort();
    url = `http://127.0.0.1:${port}`;
    env.PROMETHEUS_URL = url;
    const scraped = `127.0.0.1:${(target.address() as AddressInfo).port}`;
    prometheus = await startPrometheus(port, scraped, historyBefore(now));
  });
  const service = useService(env);
  afterAll(async () => {
    await prometheus?.stop();
    target.closeAllConnections();
    target.close();
  });

  const ask = async (expression: string): Promise<unknown[]> => {
    const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expression)}`).catch(() => {});
    const found = (await answer?.json().catch(() => undefined)) as
      | { data?: { result: unknown[] } }
      | undefined;
    return found?.data?.result ?? [];
  };
  beforeAll(
    () => vi.waitFor(async () => expect(await ask('queue_depth')).toHaveLength(3), patiently),
    patiently.timeout,
  );

  let made = 0;
  const ruleOf = (changes: object) => ({
    name: `rule ${++made}`,
    metric: 'prometheus',
    expression: 'max by (pipeline) (queue_depth)',
    type: 'threshold_above',
    threshold: 10,
    intervalSeconds: 5,
    cooldownSeconds: 0,
    ...changes,
  });
  const addRule = async (changes: object): Promise<string> => {
    const { status, json } = await service.call(`${ALERTS}/configs`, { body: ruleOf(changes) });
    expect(status, JSON.stringify(json)).toBe(201);
    return json.id;
  };
  const configOf = async (id: string) => (await service.call(`${ALERTS}/configs/${id}`)).json;
  const alertsOf = async (id: string) => (await service.call(`${ALERTS}/history?configId=${id}`)).json.alerts;
  const statesOf = async (id: string) => {
    const { rows } = await service.database.pool.query(
      `select group_key as key, condition, health, state ->> 'wrongSince' as "wrongSince"
       from analytics.alert_states where config_id = $1 order by 1`,
      [id],
    );
    return rows;
  };

  describe('the result of an expression', () => {
    test.each([
      ['a vector', 'sum(queue_depth)', [{ group: {}, value: 55 }]],
      [
        'a vector with labels',
        'queue_depth{worker="b"} + 0',
        [{ group: { pipeline: '3d', worker: 'b' }, value: 40 }],
      ],
      ['a scalar', 'scalar(sum(queue_depth)) * 2', [{ group: {}, value: 110 }]],
      ['nothing', 'no_such_metric', []],
      ['NaN', 'queue_depth * NaN', []],
      ['an infinite number', 'queue_depth / 0', []],
    ])('%s', async (_, expression, expected) => {
      const id = await addRule({ expression });
      await expect.poll(async () => (await configOf(id)).lastEvaluatedAt, patiently).not.toBeNull();
      expect(await configOf(id)).toMatchObject({ failure: null });
      const found = await alertsOf(id);
      expect(found).toMatchObject(expected);
      expect(found).toHaveLength(expected.length);
      if (expected.length === 0) for (const { health } of await statesOf(id)) expect(health).toBe('no_data');
    });

    test.each([
      [
        'of the wrong kind',
        'rate(sum(queue_depth))',
        /^Prometheus: .*parse error: expected type range vector/,
      ],
      ['that do not match', 'queue_depth * on (pipeline) queue_depth', /^Prometheus: .*many-to-many/],
      [
        'with a thousand series',
        'wide',
        /^Prometheus: the expression has more than 1000 series: aggregate them$/,
      ],
    ])('is a failure in the words of Prometheus for operands %s', async (_, expression, failure) => {
      const id = await addRule({ expression });
      await expect.poll(async () => (await configOf(id)).failure, patiently).toMatch(failure);
      expect(await alertsOf(id)).toEqual([]);
    });
  });

  test('labels that are too long or cannot be stored stop neither their own series nor another', async () => {
    const id = await addRule({ expression: 'odd' });
    await expect.poll(async () => (await configOf(id)).lastEvaluatedAt, patiently).not.toBeNull();
    expect(await configOf(id)).toMatchObject({ failure: null });
    const found = (await alertsOf(id)) as { group: { path: string }; value: number }[];
    expect(found.map(({ value }) => value).sort()).toEqual([30, 31, 32, 33]);
    expect(new Set(found.map(({ group }) => group.path)).size).toBe(4);
  });

  test('rules keep their state while Prometheus is down, and go on once it is back', async () => {
    const firing = await addRule({ name: 'Firing' });
    await expect
      .poll(() => alertsOf(firing), patiently)
      .toMatchObject([{ group: { pipeline: '3d' }, value: 40, workflow: 'open' }]);
    // The value has no window of its own; windows belong to the expression.
    const evidence = { compared: 40, windowStart: null, windowEnd: null };
    expect(await alertsOf(firing)).toMatchObject([{ windowSeconds: 0, evidence }]);
    const pending = await addRule({ name: 'Pending', forSeconds: 20 });
    const ofPending = { key: '{"pipeline":"3d"}', condition: 'pending' };
    await expect.poll(async () => (await statesOf(pending))[0], patiently).toMatchObject(ofPending);
    await prometheus.kill();
    const [{ wrongSince }] = await statesOf(pending);
    for (const id of [firing, pending]) {
      await expect
        .poll(async () => new Set((await statesOf(id)).map(({ health }) => health)), patiently)
        .toEqual(new Set(['error']));
      expect((await configOf(id)).failure).toMatch(/^Prometheus: /);
    }
    expect(await statesOf(pending)).toMatchObject([{ ...ofPending, wrongSince }, { condition: 'normal' }]);
    expect(await statesOf(firing)).toMatchObject([{ condition: 'firing' }, { condition: 'normal' }]);
    expect(await alertsOf(firing)).toMatchObject([{ resolvedAt: null }]);

    prometheus.start();
    await expect.poll(() => alertsOf(pending), patiently).toMatchObject([{ workflow: 'open', value: 40 }]);
    expect((await alertsOf(pending))[0].pendingAt).toBe(new Date(Number(wrongSince)).toISOString());
    expect(await configOf(firing)).toMatchObject({ failure: null, openAlerts: 1 });
    depths.set('{pipeline="3d",worker="a"}', 1).set('{pipeline="3d",worker="b"}', 2);
    await expect.poll(() => alertsOf(firing), patiently).toMatchObject([{ workflow: 'resolved' }]);
    expect(await alertsOf(firing)).toHaveLength(1);
  });

  describe('are replayed on the history of Prometheus', () => {
    const preview = (changes: object) =>
      service.call(`${ALERTS}/configs/preview`, { body: ruleOf({ expression: 'backlog', ...changes }) });
    const at = (text: string) => Date.parse(text) - now;
    const within = (from: number, step: number) => (found: string) =>
      at(found) >= from && at(found) < from + step;

    test('as far back as it reaches, by the same decision as live', async () => {
      const { status, json } = await preview({ forSeconds: 600, recoverySeconds: 0 });
      expect(status, JSON.stringify(json)).toBe(200);
      const step = 4 * MINUTE;
      expect(json).toMatchObject({ stepSeconds: step / SECOND, groups: 2, groupsLeftOut: 0 });
      expect(json.dataFrom).toSatisfy(within(-6 * DAY, step));
      expect(json.notices).toEqual({ firing: 1, resolved: 1 });
      const [alert] = json.alerts;
      expect(alert).toMatchObject({ group: { pipeline: '3d' }, value: 20, reason: 'above_threshold' });
      expect(alert.pendingAt).toSatisfy(within(-TROUBLE.from, step));
      expect(at(alert.triggeredAt) - at(alert.pendingAt)).toBe(12 * MINUTE);
      expect(alert.resolvedAt).toSatisfy(within(-TROUBLE.to, step));
      // Every step since then except the last hours, for which there is no data.
      expect(json.reasons.within_threshold).toBeGreaterThan((2 * 5.5 * DAY) / step);
    });

    test('with a change measured from the value one window before', async () => {
      const { json } = await preview({ type: 'rate_of_change', threshold: 500, windowSeconds: 3_600 });
      expect(json.alerts).toMatchObject([{ group: { pipeline: '3d' }, value: 20, baseline: 1 }]);
      expect(json.alerts[0].triggeredAt).toSatisfy(within(-TROUBLE.from, 4 * MINUTE));
    });

    test('without inventing data where there is none', async () => {
      const { json } = await preview({ expression: 'no_such_metric', noData: 'alert' });
      expect(json).toMatchObject({ dataFrom: null, groups: 0, evaluations: 0, alerts: [] });
    });

    test.each([
      ['backlog[5m', /^is not valid PromQL/],
      ['rate(sum(backlog))', /^is refused by Prometheus: .*expected type range vector/],
      ['wide', /^has 1100 series, and at most 1000 are allowed: aggregate them$/],
    ])('%s is refused', async (expression, message) => {
      expect(await preview({ expression })).toMatchObject({
        status: 400,
        json: { errors: [{ path: '$.expression', message: expect.stringMatching(message) }] },
      });
    });

    test('a preview without Prometheus is refused', async () => {
      await prometheus.kill();
      const { status, json } = await preview({});
      expect({ status, code: json.code }).toEqual({ status: 503, code: 'unavailable' });
      expect(json.detail).toMatch(/^Prometheus: cannot be reached/);
    });
  });
});
