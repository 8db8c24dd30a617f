import { beforeAll, expect, test } from 'vitest';
import { useService } from '../../support/service/service.ts';

const service = useService();
const ORGS = 10_000;
const PAGE = 200;

beforeAll(() =>
  service.database.pool.query(
    `insert into analytics.series (org_id, type, series_key, model_id, platform_series_id)
     select 'org-' || lpad(o::text, 5, '0'), 'usage', 'm' || m, 'm' || m, 1
     from generate_series(1, $1::int) as o, generate_series(1, 3) as m`,
    [ORGS],
  ),
);

test('of ten thousand orgs each is listed once, and no page is larger than asked', async () => {
  const seen: string[] = [];
  let next: string | null = '';
  while (next !== null) {
    const after: string = next === '' ? '' : `&after=${next}`;
    const { status, json } = await service.call(`/analytics/v1/orgs?limit=${PAGE}${after}`);
    expect(status).toBe(200);
    expect(json.orgs.length).toBeLessThanOrEqual(PAGE);
    seen.push(...json.orgs.map(({ orgId }: { orgId: string }) => orgId));
    next = json.next;
  }
  expect(seen).toHaveLength(ORGS);
  expect(seen).toEqual([...new Set(seen)].sort());
});

test('a page of more than two hundred orgs is refused', async () => {
  const { status, json } = await service.call('/analytics/v1/orgs?limit=201');
  expect({ status, path: json.errors[0].path }).toEqual({ status: 400, path: 'limit' });
});
