/** Who the caller is, which orgs the caller may see, and what was done. */
import { beforeAll, describe, expect, test } from 'vitest';
import { promoteAll, rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { grainNamed } from '../../../src/rollups/grains.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { tokenOf, useService } from '../../support/service/service.ts';

const service = useService();
const ORGS = ['a/1', 'b"2', 'c=3', 'd', 'e'];
const occurredAt = new Date(Date.now() - 120_000).toISOString();
const lastAt = new Date(Date.now() - 60_000).toISOString();

beforeAll(async () => {
  const body = ORGS.flatMap((orgId, n) => [
    makeUsage({ orgId, occurredAt, costEstimateCents: n + 0.5 }),
    makeUsage({
      orgId,
      occurredAt: new Date(Date.now() - 40 * 86_400_000).toISOString(),
      costEstimateCents: 100,
    }),
  ]);
  const { json } = await service.call('/analytics/v1/events', { body });
  expect(json).toMatchObject({ stored: body.length });
  await rollUp(service.database.pool);
  await promoteAll(service.database.pool, grainNamed('hour'));
  // The last events of two orgs wait for the coarser grains.
  const late = ['a/1', 'e'].map((orgId) => makeUsage({ orgId, occurredAt: lastAt, costEstimateCents: 0 }));
  await service.call('/analytics/v1/events', { body: late });
  await rollUp(service.database.pool);
});

function lastOf(orgId: string): string {
  return ['a/1', 'e'].includes(orgId) ? lastAt : occurredAt;
}

describe('/me', () => {
  test.each([
    ['admin', [], { allOrgs: true }],
    ['org_admin', ['a'], { allOrgs: false }],
    ['business_viewer', ['a', 'b'], { capabilities: ['dashboard:read', 'business:read', 'self:read'] }],
    ['ingest', ['a'], { capabilities: ['events:write', 'self:read'] }],
  ] as const)('tells %s its rights', async (role, orgs, expected) => {
    const token = await tokenOf([role], [...orgs], 'ada');
    const { json } = await service.call('/analytics/v1/me', { token });
    expect(json).toMatchObject({ id: 'ada', via: 'jwt', roles: [role], orgs: [...orgs], ...expected });
  });

  test('tells a key its id', async () => {
    const key = { name: 'reader', role: 'finance', orgs: ['a'] };
    const made = (await service.call('/analytics/v1/api-keys', { body: key })).json;
    const { json } = await service.call('/analytics/v1/me', {
      token: null,
      headers: { 'x-api-key': made.key },
    });
    expect(json).toMatchObject({ id: made.id, via: 'api_key', roles: ['finance'], orgs: ['a'] });
  });
});

describe('/orgs', () => {
  const list = async (token: string, query = '') => {
    const { json } = await service.call(`/analytics/v1/orgs${query}`, { token });
    return json;
  };

  test('shows an admin every org with events, page by page, and is audited', async () => {
    const token = await tokenOf(['admin'], [], 'root');
    const first = await list(token, '?limit=3');
    const second = await list(token, `?limit=3&after=${first.next}`);
    expect([...first.orgs, ...second.orgs]).toEqual(
      ORGS.map((orgId, n) => ({ orgId, lastEventAt: lastOf(orgId), spendCents: n + 0.5 })),
    );
    expect(second.next).toBeNull();
    const { json } = await service.call('/api/v1/analytics/audit?actorId=root&action=org.read', { token });
    expect(json.entries).toMatchObject([
      { route: 'GET /api/v1/analytics/audit' },
      { route: 'GET /analytics/v1/orgs', orgId: '*' },
      { route: 'GET /analytics/v1/orgs', orgId: '*' },
    ]);
  });

  test('shows others their own, also one without events', async () => {
    const token = await tokenOf(['finance'], ['e', 'new', 'b"2', 'e']);
    expect(await list(token)).toEqual({
      orgs: [
        { orgId: 'b"2', lastEventAt: occurredAt, spendCents: 1.5 },
        { orgId: 'e', lastEventAt: lastAt, spendCents: 4.5 },
        { orgId: 'new', lastEventAt: null, spendCents: 0 },
      ],
      next: null,
    });
  });

  test('is for those who may see usage', async () => {
    const token = await tokenOf(['ingest'], ['a']);
    expect((await service.call('/analytics/v1/orgs', { token })).status).toBe(403);
  });

  test('refuses a cursor that it did not make', async () => {
    const { status, json } = await service.call('/analytics/v1/orgs?after=!');
    expect({ status, path: json.errors[0].path }).toEqual({ status: 400, path: 'after' });
  });
});

describe('the audit log', () => {
  const audit = async (token: string, query = '') =>
    service.call(`/api/v1/analytics/audit${query}`, { token });

  beforeAll(async () => {
    const rule = { name: 'r', metric: 'usage.error_rate', type: 'threshold_above', threshold: 0.5 };
    for (const orgId of ['mine', 'theirs']) {
      const token = await tokenOf(['org_admin'], [orgId], `admin of ${orgId}`);
      await service.call('/api/v1/analytics/alerts/configs', { token, body: { ...rule, orgId } });
    }
  });

  test('shows an org_admin what was done in the own org alone', async () => {
    const token = await tokenOf(['org_admin'], ['mine']);
    const { json } = await audit(token);
    expect(json.entries).toMatchObject([
      { action: 'alert_config.create', orgId: 'mine', actorId: 'admin of mine', after: { name: 'r' } },
    ]);
    expect((await audit(token, '?orgId=theirs')).status).toBe(403);
    expect((await audit(await tokenOf(['engineer'], ['mine']))).status).toBe(403);
  });

  test('has filters and pages', async () => {
    const token = await tokenOf(['admin'], [], 'auditor');
    const orgs = async (query: string) =>
      (await audit(token, query)).json.entries.map(({ orgId }: { orgId: string }) => orgId);
    expect(await orgs('?action=alert_config.create')).toEqual(['theirs', 'mine']);
    expect(await orgs('?action=alert_config.create&orgId=mine')).toEqual(['mine']);
    expect(await orgs(`?action=alert_config.create&end=${occurredAt}`)).toEqual([]);
    expect(await orgs(`?action=alert_config.create&start=${occurredAt}`)).toHaveLength(2);
    const first = (await audit(token, '?action=alert_config.create&limit=1')).json;
    expect(await orgs(`?action=alert_config.create&after=${first.next}`)).toEqual(['mine']);
  });

  test.each(['after=x', 'after=-1', 'start=yesterday', 'who=me'])('refuses %s', async (query) => {
    const { status, json } = await audit(await tokenOf(['admin']), `?${query}`);
    expect({ status, path: json.errors[0].path }).toEqual({ status: 400, path: query.split('=')[0] });
  });
});
