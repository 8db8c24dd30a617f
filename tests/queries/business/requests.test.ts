import { beforeAll, expect, test } from 'vitest';
import { tokenOf, useService } from '../../support/service/service.ts';

const service = useService();
const paths = ['overview', 'sales', 'products', 'collections', 'funnel'];
const tokens: Record<string, string> = {};
beforeAll(async () => {
  for (const role of ['org_admin', 'finance', 'business_viewer', 'engineer', 'ingest'] as const)
    tokens[role] = await tokenOf([role], ['acme']);
});

function ask(path: string, query = '', token?: string | null) {
  return service.call(`/api/v1/analytics/business/${path}${query}`, token === undefined ? {} : { token });
}

test.each(paths)('%s is open to callers who may read business figures, of their own orgs', async (path) => {
  for (const role of ['org_admin', 'finance', 'business_viewer']) {
    const { status, json } = await ask(path, '', tokens[role] ?? '');
    expect([role, status, json.orgId]).toEqual([role, 200, 'acme']);
    expect((await ask(path, '?orgId=globex', tokens[role] ?? '')).status).toBe(403);
  }
  for (const role of ['engineer', 'ingest'])
    expect((await ask(path, '', tokens[role] ?? '')).status).toBe(403);
  expect((await ask(path, '', null)).status).toBe(401);
  expect((await ask(path)).json.orgId).toBeNull();
});

test.each([
  ['overview', 'compare=last', 'compare', 'previous, week, year'],
  ['overview', 'range=1y', 'range', '1h, 24h, 7d, 30d'],
  ['overview', 'timezone=Mars', 'timezone', 'Europe/Berlin'],
  ['overview', 'granularity=day', 'granularity', ''],
  ['overview', 'start=2026-01-02T00:00:00Z&end=2026-01-01T00:00:00Z', 'start', 'before the end'],
  ['sales', 'breakdown=colour', 'breakdown', 'collection, category, product, channel'],
  ['sales', 'granularity=month', 'granularity', 'hour, day, week'],
  ['sales', 'limit=0', 'limit', '1'],
  ['products', 'sort=price', 'sort', 'revenue, unitsSold'],
  ['products', 'order=up', 'order', 'asc, desc'],
  ['products', 'stock=some', 'stock', 'in_stock, low, out, unknown'],
  ['products', 'lowStock=-1', 'lowStock', '0'],
  ['products', 'limit=501', 'limit', '500'],
  ['collections', 'collection=x', 'collection', ''],
  ['funnel', 'breakdown=channel', 'breakdown', ''],
])('%s?%s is refused by name, with what is allowed', async (path, query, name, allowed) => {
  const { status, json } = await ask(path, `?${query}`);
  expect([status, json.errors?.[0]?.path]).toEqual([400, name]);
  expect(json.errors[0].message).toContain(allowed);
});
