import { beforeAll, expect, test } from 'vitest';
import { DAY, floorTo, MINUTE } from '../../src/time.ts';
import { makeJob } from '../support/events/ml-jobs.ts';
import { exported, fileOf, useFolder } from '../support/exports/exports.ts';
import { tokenOf, useService } from '../support/service/service.ts';

const folder = await useFolder();
const service = useService({ ROLES: 'api,ingest,worker', EXPORT_DIR: folder, BUILT_IN_ALERTS: 'off' });
const today = floorTo(DAY, Date.now());
const start = new Date(today - DAY).toISOString();
const timeRange = { start, end: new Date(today + DAY).toISOString() };
const occurredAt = new Date(today - DAY + MINUTE).toISOString();

beforeAll(async () => {
  const order = {
    ...{ orgId: 'acme', type: 'order', occurredAt, currency: 'EUR', customerId: 'c1', channel: 'web' },
    items: [{ sku: 'A', name: 'A', collection: 'c', category: 'k', quantity: 2, priceCents: 500 }],
  };
  const events = [
    makeJob({ occurredAt, costCents: 1.25 }),
    makeJob({ occurredAt, status: 'error', errorCode: 'oom' }),
    { ...order, eventId: 'o1', orderId: '1', status: 'completed' },
  ];
  const sent = await service.call('/analytics/v1/events', { body: events });
  expect(sent.json).toMatchObject({ stored: 3 });
  await service.database.pool.query(
    `insert into analytics.alert_history (config_id, org_id, all_orgs, group_key, name, metric, severity, rule,
       pending_at, triggered_at, value, threshold, window_seconds, samples, evidence)
     values (gen_random_uuid(), 'acme', false, '{}', '=cost', 'usage_cost', 'critical', '{}', $1, $1, 12.5, 10, 300, 7, '{}'),
       (gen_random_uuid(), 'other', false, '{}', 'theirs', 'usage_cost', 'info', '{}', $1, $1, 1, 1, 300, 7, '{}')`,
    [occurredAt],
  );
});

async function rowsOf(dataset: string) {
  const job = await exported(service, 'acme', { timeRange, dataset });
  expect(job).toMatchObject({ status: 'succeeded', dataset });
  const [header = '', ...lines] = (await fileOf(job, job.files[0].name)).toString().trimEnd().split('\r\n');
  const names = header.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, at) => [names[at], cell])));
}

/** Waits for the roll-up, by the answer of the API. */
async function answered(path: string, isThere: (json: { series: object[] }) => boolean) {
  const query = `?orgId=acme&start=${timeRange.start}&end=${timeRange.end}&granularity=day`;
  await expect
    .poll(async () => isThere((await service.call(path + query)).json), { timeout: 30_000 })
    .toBe(true);
  return (await service.call(path + query)).json;
}

test('ML jobs are those of the API', async () => {
  const { series } = await answered('/api/v1/analytics/ml/overview', ({ series: points }) =>
    points.some((point) => 'jobs' in point && point.jobs === 2),
  );
  const rows = await rowsOf('ml');
  expect(rows).toHaveLength(2);
  expect(rows[0]).toMatchObject({ jobs: '2', failed: '1', cost_cents: String(series[0].costCents) });
  expect(rows.map(({ bucket_start: at }) => Date.parse(at ?? ''))).toEqual(
    series.map(({ bucketStart }: { bucketStart: string }) => Date.parse(bucketStart)),
  );
});

test('sales are those of the API, by currency', async () => {
  const { series } = await answered('/api/v1/analytics/business/sales', ({ series: points }) =>
    points.some((point) => 'completed' in point && point.completed === 1),
  );
  const [first, second] = await rowsOf('sales');
  expect(first).toMatchObject({
    ...{ currency: 'EUR', orders_completed_all: '1', units_sold_all: String(series[0].unitsSold) },
    net_revenue_cents: String(series[0].byCurrency[0].revenueCents),
  });
  expect(second).toMatchObject({ currency: '', orders_completed_all: '0' });
});

test('alerts and audit are those of the org, with texts that are no formulas', async () => {
  const alerts = await rowsOf('alerts');
  expect(alerts).toMatchObject([{ rule: "'=cost", value: '12.5', threshold: '10', samples: '7' }]);
  const audit = await rowsOf('audit');
  expect(audit.map(({ action }) => action)).toContain('export.create');
  expect(audit.every(({ org_id: org }) => org === 'acme')).toBe(true);
});

test('a dataset needs the capability of reading it', async () => {
  const ask = async (dataset: string, role: 'finance' | 'engineer') =>
    (
      await service.call('/analytics/v1/orgs/acme/exports', {
        body: { timeRange, dataset },
        token: await tokenOf([role], ['acme']),
      })
    ).status;
  expect([await ask('sales', 'finance'), await ask('ml', 'finance')]).toEqual([202, 403]);
  expect([await ask('sales', 'engineer'), await ask('ml', 'engineer')]).toEqual([403, 202]);
  expect([await ask('alerts', 'engineer'), await ask('audit', 'engineer')]).toEqual([202, 403]);
});
