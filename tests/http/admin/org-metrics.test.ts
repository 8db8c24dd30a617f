import { describe, expect, test } from 'vitest';
import type { Role } from '../../../src/auth/roles.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { tokenOf, useService } from '../../support/service/service.ts';

describe('metrics of orgs', () => {
  const service = useService({ ORG_METRICS: 'on' });

  test('count what was stored, once', async () => {
    const event = makeUsage({ orgId: 'acme', modelId: 'gpt-4o', status: 'error' });
    for (let time = 0; time < 2; time++) await service.call('/analytics/v1/events', { body: [event] });
    const { status, text, headers } = await service.call('/metrics/orgs');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(text).toContain('tidemark_org_requests_total{org="acme",model="gpt-4o"} 1\n');
    expect(text).toContain('tidemark_org_failures_total{org="acme",model="gpt-4o",status="error"} 1\n');
    expect(text).toMatch(/tidemark_org_latency_seconds{org="acme",model="gpt-4o",quantile="0.95"} [\d.]+\n/);
  });

  test('count what calls cost by the table of prices', async () => {
    const price = { provider: 'p', model: 'm', effectiveFrom: '2026-01-01T00:00:00Z', usdPerCall: 0.25 };
    expect((await service.call('/api/v1/analytics/model-prices', { body: price })).status).toBe(201);
    const { costEstimateCents: _, ...event } = makeUsage({
      orgId: 'priced',
      modelId: 'm',
      status: 'success',
    });
    const body = [{ ...event, provider: 'p' }];
    expect((await service.call('/analytics/v1/events', { body })).json.stored).toBe(1);
    const { text } = await service.call('/metrics/orgs');
    expect(text).toContain('tidemark_org_cost_dollars_total{org="priced",model="m"} 0.25\n');
  });

  test('have the freshness of each org', async () => {
    await service.database.pool.query(
      `update analytics.ingestion_batches set completed_at = now() - interval '11 minutes'`,
    );
    // The last answer is kept for five seconds.
    await expect
      .poll(async () => (await service.call('/metrics/orgs')).text, { timeout: 10_000, interval: 500 })
      .toMatch(/tidemark_org_freshness_seconds{org="acme"} 6[6-9]\d/);
  });

  test('are for admins alone', async () => {
    expect((await service.call('/metrics/orgs', { token: null })).status).toBe(401);
    for (const role of ['engineer', 'org_admin', 'finance', 'ingest'] satisfies Role[]) {
      const answer = await service.call('/metrics/orgs', { token: await tokenOf([role], ['acme']) });
      expect(answer.status).toBe(403);
    }
  });

  test('are not on the page that everybody may read', async () => {
    expect((await service.call('/metrics', { token: null })).text).not.toMatch(/acme|tidemark_org_/);
  });
});

describe('without ORG_METRICS', () => {
  const service = useService();

  test('there are none, and the answer says how to turn them on', async () => {
    const { status, json } = await service.call('/metrics/orgs');
    expect(status).toBe(404);
    expect(json.detail).toContain('ORG_METRICS=on');
  });
});
