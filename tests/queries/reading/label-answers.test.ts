/** Every answer about jobs, orders and requests is grouped and filtered by the labels that its org has declared. */
import { parse } from 'csv-parse/sync';
import { beforeAll, describe, expect, test } from 'vitest';
import { rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { useService } from '../../support/service/service.ts';

const service = useService();
const ML = '/api/v1/analytics/ml';
const BUSINESS = '/api/v1/analytics/business';
const HEALTH = '/api/v1/analytics/health';

function ask(path: string, query: Record<string, string>) {
  return service.call(`${path}?${new URLSearchParams({ orgId: 'acme', ...query })}`);
}

const job = {
  pipeline: 'assets',
  provider: 'replicate',
  operation: 'render',
  status: 'success',
  durationMs: 10,
};
const samples = {
  ml_job: job,
  api_request: { method: 'GET', route: '/orders/:id', statusCode: 200, durationMs: 3 },
  order: {
    ...{ status: 'completed', currency: 'EUR', customerId: 'c-1', channel: 'web' },
    items: [{ sku: 's-1', name: 'Ring', collection: 'spring', quantity: 1, priceCents: 500 }],
  },
};

/** An event for each team: two of search, one of shop, one of none. */
async function send(type: keyof typeof samples) {
  const event = { ...samples[type], type, occurredAt: new Date(Date.now() - 60_000).toISOString() };
  const teams = [{ team: 'search', env: 'prod' }, { team: 'search' }, { team: 'shop' }, undefined];
  const events = teams.map((labels, index) => ({
    ...{ ...event, eventId: `${type}-${index}`, orgId: 'acme', ...(labels && { labels }) },
    ...(type === 'order' && { orderId: `order-${index}` }),
  }));
  const { json } = await service.call('/analytics/v1/events', { body: events });
  expect(json).toMatchObject({ stored: 4, rejected: 0 });
}

beforeAll(async () => {
  const declared = await service.call('/analytics/v1/orgs/acme/labels', {
    method: 'PUT',
    body: { labels: ['team', 'env'] },
  });
  expect(declared.status).toBe(200);
  // Before the first event, because the service learns of later declarations within two seconds.
  await service.call('/analytics/v1/orgs/many/labels', { method: 'PUT', body: { labels: ['team'] } });
  for (const type of ['ml_job', 'order', 'api_request'] as const) await send(type);
  await rollUp(service.database.pool);
});

interface Named {
  name: string | null;
}

describe('ML jobs', () => {
  test.each(['overview', 'providers'])('of %s', async (page) => {
    const { json } = await ask(`${ML}/${page}`, { groupBy: 'label.team' });
    expect(json).toMatchObject({ groupBy: 'label.team', totals: { jobs: { value: 4 } } });
    expect(
      json.groups.map(({ name, jobs }: Named & { jobs: { value: number } }) => [name, jobs.value]),
    ).toEqual([
      ['search', 2],
      [null, 1],
      ['shop', 1],
    ]);
    const some = await ask(`${ML}/${page}`, { 'label.team': 'search', 'label.env': 'prod' });
    expect(some.json.totals.jobs.value).toBe(1);
  });

  test('show the values with most jobs one by one, and the others together', async () => {
    const events = Array.from({ length: 130 }, (_value, index) => ({
      ...{
        ...job,
        type: 'ml_job',
        eventId: `many-${index}`,
        orgId: 'many',
        occurredAt: new Date().toISOString(),
        labels: { team: `t${index % 120}` },
      },
    }));
    await service.call('/analytics/v1/events', { body: events });
    await rollUp(service.database.pool);
    const { json } = await ask(`${ML}/overview`, { orgId: 'many', groupBy: 'label.team' });
    const jobs = json.groups.map((group: { jobs: { value: number } }) => group.jobs.value);
    expect(jobs).toHaveLength(100);
    expect(jobs.reduce((sum: number, value: number) => sum + value, 0)).toBe(130);
    expect(json.groups[0]).toMatchObject({ rest: true, name: null, jobs: { value: 21 } });
  });
});

describe('sales', () => {
  test('are broken down by a label and filtered', async () => {
    const { json } = await ask(`${BUSINESS}/sales`, { breakdown: 'label.team' });
    expect(json.counted).toBe('orders');
    const completed = json.groups.map((group: Named & { totals: { completed: { value: number } } }) => [
      group.name,
      group.totals.completed.value,
    ]);
    expect(completed).toEqual([
      ['search', 2],
      ['shop', 1],
      [null, 1],
    ]);
    const some = await ask(`${BUSINESS}/sales`, { 'label.team': 'shop', breakdown: 'product' });
    expect(some.json.totals.completed.value).toBe(1);
    expect(some.json.groups.length).toBeGreaterThan(0);
  });

  test('of some labels have an overview without customers, which are kept without labels', async () => {
    const all = await ask(`${BUSINESS}/overview`, {});
    expect(all.json).toMatchObject({ orders: { value: 4 }, customers: { value: 1 } });
    const some = await ask(`${BUSINESS}/overview`, { 'label.team': 'search' });
    expect(some.json).toMatchObject({
      ...{ orders: { value: 2 }, customers: { value: null }, overRefunds: { value: null } },
      byCurrency: [{ overRefundedCents: { value: 0 } }],
    });
  });
});

describe('requests', () => {
  test('by route are split by a label and filtered', async () => {
    const { json } = await ask(`${HEALTH}/api`, { groupBy: 'label.team' });
    const routes = json.routes.map(({ labels, requests }: { labels: object; requests: number }) => [
      labels,
      requests,
    ]);
    expect(json.total).toBe(3);
    expect(routes).toEqual(
      expect.arrayContaining([
        [{ team: 'search' }, 2],
        [{ team: 'shop' }, 1],
        [{ team: null }, 1],
      ]),
    );
    const some = await ask(`${HEALTH}/api`, { 'label.team': 'search' });
    expect(some.json.routes).toMatchObject([{ requests: 2 }]);
  });

  test('over time are split by a label and filtered', async () => {
    const { json } = await ask(`${HEALTH}/timeseries`, { groupBy: 'label.team', granularity: 'none' });
    expect(json).toMatchObject({ total: 4, restGroups: 0 });
    expect(
      json.series.map(({ labels, value }: { labels: object; value: number }) => [labels, value]),
    ).toEqual([
      [{ team: 'search' }, 2],
      [{ team: 'shop' }, 1],
      [{ team: null }, 1],
    ]);
    const some = await ask(`${HEALTH}/timeseries`, { 'label.env': 'prod' });
    expect(some.json.total).toBe(1);
  });

  test('have an overview of some labels', async () => {
    const { json } = await ask(`${HEALTH}/overview`, { 'label.team': 'search,shop' });
    expect(json.platform.requests).toBe(3);
  });
});

test('a CSV has a column for the label', async () => {
  const usual: Record<string, string> = { format: 'csv', granularity: 'none', groupBy: 'label.team' };
  const { text } = await ask(`${HEALTH}/timeseries`, usual);
  const rows = parse(text, { columns: true }) as Record<string, string>[];
  expect(rows.map(({ labels_team, value }) => [labels_team, value])).toEqual([
    ['search', '2'],
    ['shop', '1'],
    ['', '1'],
  ]);
});

describe('a question is refused', () => {
  const unknown = /^label.tema is no dimension of this org; its labels are env, team$/;
  test.each([
    [`${ML}/overview`, { groupBy: 'label.tema' }, 'groupBy', unknown],
    [`${ML}/3d`, { 'label.tema': 'x' }, 'label.tema', unknown],
    [`${ML}/3d`, { groupBy: 'model' }, 'groupBy', /pipeline, provider, operation or label\.KEY/],
    [`${BUSINESS}/sales`, { breakdown: 'label.tema' }, 'breakdown', unknown],
    [`${BUSINESS}/overview`, { 'label.tema': 'x' }, 'label.tema', unknown],
    [`${HEALTH}/api`, { groupBy: 'label.tema' }, 'groupBy', unknown],
    [`${HEALTH}/timeseries`, { 'label.tema': 'x' }, 'label.tema', unknown],
    [`${HEALTH}/overview`, { 'label.tema': 'x' }, 'label.tema', unknown],
    [
      `${HEALTH}/overview`,
      { orgId: '*', 'label.team': 'x' },
      'label.team',
      /label of one org; name it with orgId/,
    ],
    [`${BUSINESS}/funnel`, { 'label.team': 'x' }, 'label.team', /not known/],
  ])('%s %j', async (path, query, parameter, message) => {
    const { status, json } = await ask(path, query as unknown as Record<string, string>);
    expect(status).toBe(400);
    expect(json.errors).toEqual([{ path: parameter, message: expect.stringMatching(message) }]);
  });
});
