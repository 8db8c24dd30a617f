import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Role } from '../../../src/auth/roles.ts';
import { rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { MINUTE, sleep } from '../../../src/time.ts';
import { makeRequests } from '../../support/service/requests.ts';
import { tokenOf, useService } from '../../support/service/service.ts';

const PATH = '/api/v1/analytics/dashboard/summary';

describe('the summary', () => {
  const service = useService();
  const now = Date.now();

  beforeAll(async () => {
    const jobs = Array.from({ length: 6 }, (_, n) => ({
      type: 'ml_job',
      eventId: randomUUID(),
      orgId: 'acme',
      occurredAt: new Date(now - n * MINUTE).toISOString(),
      pipeline: '3d',
      provider: 'tripo',
      status: n === 0 ? 'error' : 'success',
      durationMs: 41_000,
      costCents: 12.5,
    }));
    const orders = Array.from({ length: 3 }, (_, n) => ({
      type: 'order',
      eventId: randomUUID(),
      orgId: 'acme',
      occurredAt: new Date(now - n * MINUTE).toISOString(),
      orderId: `o-${n}`,
      status: 'completed',
      currency: 'EUR',
      customerId: `c-${n}`,
      channel: 'web',
      items: [
        { sku: 'R-7', name: 'Ring', collection: 'spring', category: 'rings', quantity: 1, priceCents: 4_900 },
      ],
    }));
    const body = [...makeRequests(300, { end: now - 20 * MINUTE, span: 60 * MINUTE }), ...jobs, ...orders];
    expect((await service.call('/analytics/v1/events', { body })).json).toMatchObject({
      stored: body.length,
    });
    await rollUp(service.database.pool);
  });

  /** A busy machine may exceed the time of a section; the next call then finds the answer. */
  const summary = async (query: Record<string, string> = {}, role: Role = 'admin', orgs = ['acme']) => {
    const token = await tokenOf([role], orgs);
    for (let call = 1; ; call++) {
      const answer = await service.call(`${PATH}?${new URLSearchParams(query)}`, { token });
      if (call === 50 || !answer.json.failed?.length) return answer;
      await sleep(200);
    }
  };

  test("has, for an admin, the answer of each section's own endpoint", async () => {
    const query = { orgId: 'acme', range: '7d' };
    const { status, json } = await summary(query);
    expect(status).toBe(200);
    expect(Object.keys(json.sections)).toEqual(['usage', 'health', 'ml', 'business', 'alerts']);
    expect(json).toMatchObject({ orgId: 'acme', failed: [], maxAgeSeconds: 60, asOf: expect.any(String) });
    for (const [section, path] of [
      ['health', 'health/overview'],
      ['ml', 'ml/overview'],
      ['business', 'business/overview'],
    ] as const) {
      const compare = section === 'health' ? {} : { compare: 'previous' };
      const own = await service.call(
        `/api/v1/analytics/${path}?${new URLSearchParams({ ...query, ...compare })}`,
      );
      const { service: _, ...shown } = json.sections[section].data;
      const still = { asOf: expect.any(String), freshness: expect.anything() };
      const range = { start: expect.any(String), end: expect.any(String) };
      const comparison = section === 'health' ? {} : { comparison: { with: 'previous', ...range } };
      const { service: __, ...expected } = own.json;
      const rate = shown.platform && { platform: { ...expected.platform, requestRate: expect.any(Number) } };
      expect(shown).toEqual({ ...expected, ...still, ...range, ...comparison, ...rate });
    }
  });

  test('has an empty alerts section while nothing fires', async () => {
    const { json } = await summary({ orgId: 'acme', sections: 'alerts' });
    expect(json.sections.alerts.data).toMatchObject({
      active: { total: 0, acknowledged: 0, bySeverity: { critical: 0, warning: 0, info: 0 }, alerts: [] },
      triggered: 0,
      resolved: 0,
      rules: { enabled: 0 },
    });
  });

  test('counts open alerts, and shows the most severe first', async () => {
    await service.database.pool.query(
      `insert into analytics.alert_history (config_id, org_id, all_orgs, group_key, name, metric, severity, rule,
         pending_at, triggered_at, resolved_at, workflow, threshold, window_seconds, samples, evidence)
       select gen_random_uuid(), org, all_orgs, '{"route":"/x"}', name, 'api.error_rate', severity, '{}',
         at, at, over, case when over is null then flow else 'resolved' end, 0.1, 300, 10, '{}'
       from (values
         ('shop', false, 'slow', 'warning', now() - interval '2 hours', null::timestamptz, 'acknowledged'),
         ('shop', false, 'failing', 'critical', now() - interval '3 hours', null, 'open'),
         ('shop', false, 'over', 'critical', now() - interval '5 hours', now() - interval '4 hours', 'open'),
         ('shop', true, 'of the platform', 'info', now() - interval '1 hour', null, 'open'),
         ('other', false, 'not theirs', 'critical', now() - interval '1 hour', null, 'open')
       ) as v (org, all_orgs, name, severity, at, over, flow)`,
    );
    const { json } = await summary({ sections: 'alerts' }, 'engineer', ['shop']);
    expect(json.sections.alerts.data).toMatchObject({
      active: {
        total: 2,
        acknowledged: 1,
        bySeverity: { critical: 1, warning: 1, info: 0 },
        alerts: [
          { name: 'failing', group: { route: '/x' } },
          { name: 'slow', workflow: 'acknowledged' },
        ],
      },
      triggered: 3,
      resolved: 1,
    });
    const all = await summary({ sections: 'alerts' });
    expect(all.json.sections.alerts.data.active).toMatchObject({ total: 4, bySeverity: { critical: 2 } });
  });

  test.each<[Role, string[]]>([
    ['admin', ['usage', 'health', 'ml', 'business', 'alerts']],
    ['org_admin', ['usage', 'health', 'ml', 'business', 'alerts']],
    ['engineer', ['usage', 'health', 'ml', 'alerts']],
    ['finance', ['usage', 'business']],
    ['business_viewer', ['business']],
  ])('shows %s the sections of the role', async (role, sections) => {
    const { json } = await summary({}, role);
    expect(Object.keys(json.sections)).toEqual(sections);
    expect(json.failed).toEqual([]);
    expect(json.orgId).toBe(role === 'admin' ? null : 'acme');
  });

  test('accepts other names of its sections', async () => {
    const { json } = await summary({ sections: 'system_health,ml_pipelines, active_alerts' });
    expect(Object.keys(json.sections)).toEqual(['health', 'ml', 'alerts']);
  });

  test('refuses sections and orgs that the caller may not see', async () => {
    const more = await summary({ sections: 'business,health,alerts' }, 'business_viewer');
    expect({ status: more.status, errors: more.json.errors }).toEqual({
      status: 403,
      errors: [
        { path: 'sections', message: 'health needs a role with the capability platform:read' },
        { path: 'sections', message: 'alerts needs a role with the capability alerts:read' },
      ],
    });
    expect((await summary({ orgId: 'globex' }, 'business_viewer')).status).toBe(403);
    expect((await summary({}, 'ingest')).status).toBe(403);
    expect((await service.call(PATH, { token: null })).status).toBe(401);
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ['sections', { sections: 'health,weather' }, /some of usage, health, ml, business, alerts/],
    ['sections', { sections: '' }, /some of usage, health, ml, business, alerts/],
    ['range', { range: 'forever' }, /one of 1h, 24h, 7d, 30d/],
    ['compare', { compare: 'tomorrow' }, /one of previous, week, year/],
    ['granularity', { granularity: 'day' }, /not known/],
  ])('refuses a wrong %s', async (path, query, message) => {
    const { status, json } = await summary(query);
    expect(status).toBe(400);
    expect(json.errors).toEqual([{ path, message: expect.stringMatching(message) }]);
  });

  test('is cached, gives its age, and is not sent again to a client that has it', async () => {
    const query = new URLSearchParams({ orgId: 'acme', range: '30d' });
    const first = await summary(Object.fromEntries(query));
    const again = await service.call(`${PATH}?${query}`);
    expect(again.json.storedAt).toBe(first.json.storedAt);
    expect(again.json.ageSeconds).toBeGreaterThan(0);
    const tag = first.headers.get('etag') ?? '';
    expect(tag).toMatch(/^W\/".+"$/);
    expect(again.headers.get('etag')).toBe(tag);
    expect(again.headers.get('cache-control')).toBe('private, max-age=60');
    expect(Number(again.headers.get('age'))).toBe(Math.floor(again.json.ageSeconds));
    for (const named of [tag, `"other", ${tag}`, tag.slice(2), '*']) {
      const unchanged = await service.call(`${PATH}?${query}`, { headers: { 'if-none-match': named } });
      expect({ status: unchanged.status, text: unchanged.text }).toEqual({ status: 304, text: '' });
      expect(unchanged.headers.get('etag')).toBe(tag);
    }
    const other = await service.call(`${PATH}?${query}`, { headers: { 'if-none-match': '"other"' } });
    expect(other.status).toBe(200);
    const fewer = await service.call(`${PATH}?${query}&sections=ml`, { headers: { 'if-none-match': tag } });
    expect(fewer.status).toBe(200);
  });
});

describe('while a lock blocks the table of one section', () => {
  // A query that waits for the lock would wait this long.
  const service = useService({ REQUEST_TIMEOUT: '5m' });
  const locked = async (use: () => Promise<void>): Promise<void> => {
    const holder = await service.database.pool.connect();
    await holder.query('begin');
    await holder.query('lock table analytics.customer_orders in access exclusive mode');
    try {
      await use();
    } finally {
      await holder.query('rollback');
      holder.release();
    }
  };
  const failedOf = async (orgId: string) => (await service.call(`${PATH}?orgId=${orgId}`)).json.failed;

  test('the other sections and all other answers are there, however many callers ask', async () => {
    await locked(async () => {
      const orgs = Array.from({ length: 12 }, (_, n) => `org-${n}`);
      for (const failed of await Promise.all(orgs.map(failedOf))) expect(failed).toContain('business');
      // A busy machine may exceed the time of a section; the next call then finds the answer.
      await expect.poll(() => failedOf('org-0'), { timeout: 60_000 }).toEqual(['business']);
      await expect.poll(() => failedOf('another'), { timeout: 60_000 }).toEqual(['business']);
      const asked = orgs.map((org) => service.call(`/analytics/v1/orgs/${org}/usage`));
      for (const { status } of await Promise.all(asked)) expect(status).toBe(200);
      expect((await service.call('/analytics/v1/status/readyz', { token: null })).status).toBe(200);
    });
    await expect.poll(() => failedOf('org-0'), { timeout: 60_000 }).toEqual([]);
  });
});
