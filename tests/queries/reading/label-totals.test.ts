/** Whatever labels events have: the groups of a label add up to the total, and each has what was sent with its value. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { useService } from '../../support/service/service.ts';

const service = useService();
const ORG = 'acme';
const DECLARED = ['team', 'env'] as const;
const TEAMS = ['search', 'shop', 'Ops & Co', '検索', '(other)'];

type Labels = Partial<Record<'team' | 'env' | 'undeclared', string>>;
const someLabels: fc.Arbitrary<Labels> = fc.record(
  {
    team: fc.constantFrom(...TEAMS),
    env: fc.constantFrom('prod', 'test'),
    undeclared: fc
      .string({ minLength: 1, maxLength: 8 })
      .filter((text) => text.trim() === text && text !== ''),
  },
  { requiredKeys: [] },
);

const types = {
  usage: { modelId: 'gpt-4o', status: 'success' },
  ml_job: { pipeline: '3d', provider: 'tripo', operation: 'render', status: 'success', durationMs: 10 },
  api_request: { method: 'GET', route: '/orders/:id', statusCode: 200, durationMs: 3 },
  order: { status: 'completed', currency: 'EUR', amountCents: 500, channel: 'web' },
};
type Type = keyof typeof types;

/** The count of each value of a label, most first; `null` for events without it. */
type Counts = Map<string | null, number>;

async function ask(path: string, query: Record<string, string>) {
  return (await service.call(`${path}?${new URLSearchParams({ orgId: ORG, ...query })}`)).json;
}

interface Point {
  labels: Record<string, string | null>;
}
const answers: Record<Type, (label: string) => Promise<{ total: number; counts: Counts }>> = {
  async usage(label) {
    const query = new URLSearchParams({ granularity: 'none', groupBy: `label.${label}` });
    const { json } = await service.call(`/analytics/v1/orgs/${ORG}/usage?${query}`);
    const points = json.series as (Point & { invocations: number })[];
    return {
      total: json.totals.invocations,
      counts: new Map(points.map(({ labels, invocations }) => [labels[label] ?? null, invocations])),
    };
  },
  async ml_job(label) {
    const { totals, groups } = await ask('/api/v1/analytics/ml/overview', { groupBy: `label.${label}` });
    type Group = { name: string | null; jobs: { value: number } };
    return {
      total: totals.jobs.value,
      counts: new Map((groups as Group[]).map(({ name, jobs }) => [name, jobs.value])),
    };
  },
  async api_request(label) {
    const { total, routes } = await ask('/api/v1/analytics/health/api', { groupBy: `label.${label}` });
    const all = await ask('/api/v1/analytics/health/api', {});
    expect(total).toBe((routes as object[]).length);
    const sum = (all.routes as { requests: number }[]).reduce(
      (requests, route) => requests + route.requests,
      0,
    );
    const split = routes as (Point & { requests: number })[];
    return {
      total: sum,
      counts: new Map(split.map(({ labels, requests }) => [labels[label] ?? null, requests])),
    };
  },
  async order(label) {
    const { totals, groups } = await ask('/api/v1/analytics/business/sales', { breakdown: `label.${label}` });
    type Group = { name: string | null; totals: { completed: { value: number } } };
    return {
      total: totals.completed.value,
      counts: new Map((groups as Group[]).map((group) => [group.name, group.totals.completed.value])),
    };
  },
};

const sent = new Map<Type, Labels[]>();

beforeAll(async () => {
  await service.call(`/analytics/v1/orgs/${ORG}/labels`, { method: 'PUT', body: { labels: DECLARED } });
  const seed = Date.now() % 1_000_000;
  console.log(`seed ${seed}`);
  for (const [place, type] of (Object.keys(types) as Type[]).entries()) {
    const all = fc.sample(someLabels, { numRuns: 300, seed: seed + place });
    const events = all.map((labels, index) => ({
      ...{ ...types[type], type, eventId: `${type}-${index}`, orgId: ORG, labels },
      ...(type === 'order' && { orderId: `order-${index}` }),
      occurredAt: new Date(Date.now() - 60_000 - index * 1_000).toISOString(),
    }));
    const { json } = await service.call('/analytics/v1/events', { body: events });
    expect(json).toMatchObject({ stored: 300, rejected: 0 });
    sent.set(type, all);
  }
  while ((await rollUp(service.database.pool)) > 0);
});

describe.each(Object.keys(types) as Type[])('of 300 events of type %s', (type) => {
  test.each(DECLARED)('the groups by %s add up to the total, and each is what was sent', async (label) => {
    const expected: Counts = new Map();
    for (const labels of sent.get(type) ?? []) {
      const value = labels[label] ?? null;
      expected.set(value, (expected.get(value) ?? 0) + 1);
    }
    const { total, counts } = await answers[type](label);
    expect(total).toBe(300);
    expect(Object.fromEntries(counts)).toEqual(Object.fromEntries(expected));
  });
});
