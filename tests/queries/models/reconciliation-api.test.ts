import { beforeAll, describe, expect, test } from 'vitest';
import { rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { applyRetention } from '../../../src/rollups/upkeep/retention.ts';
import { DAY } from '../../../src/time.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { silentLog } from '../../support/events/ingestion.ts';
import { tokenOf, useService } from '../../support/service/service.ts';

const service = useService({ FRESHNESS_CACHE_TTL: '0s' });
const today = Math.floor(Date.now() / DAY) * DAY;

function at(moment: number, costEstimateCents: number) {
  return makeUsage({ occurredAt: new Date(moment).toISOString(), orgId: 'acme', costEstimateCents });
}

function ask(query = '', orgId = 'acme', more = {}) {
  return service.call(`/analytics/v1/orgs/${orgId}/reconciliation${query}`, more);
}

beforeAll(async () => {
  const body = [at(today - 10 * DAY, 0.1234), at(today - 10 * DAY + 1, 0.2), at(today, 5)];
  expect((await service.call('/analytics/v1/events', { body })).json.stored).toBe(3);
  while ((await rollUp(service.database.pool)) > 0);
  await applyRetention({
    ...{ pool: service.database.pool, log: silentLog, now: Date.now() },
    ...{ rawRetention: 7 * DAY, dedupWindow: 400 * DAY },
  });
});

test('shows a removed day beside its book, and a kept one beside its raw events', async () => {
  const { status, json } = await ask();
  expect(status).toBe(200);
  expect(json).toMatchObject({
    orgId: 'acme',
    reconciles: true,
    start: new Date(today - 29 * DAY).toISOString(),
  });
  expect(Date.parse(json.asOf)).toBeGreaterThan(today);
  expect(json.days).toMatchObject([
    {
      ...{ day: new Date(today - 10 * DAY).toISOString(), type: 'usage', source: 'book', differs: [] },
      raw: { events: 2, unpriced: 0, costDollars: '0.003234000' },
      rollups: { events: 2, costDollars: '0.003234000' },
      difference: { events: 0, costDollars: '0.000000000' },
    },
    { day: new Date(today).toISOString(), source: 'raw', raw: { events: 1, costDollars: '0.050000000' } },
  ]);
});

test('names what differs, and by how much', async () => {
  const { pool } = service.database;
  const change = (by: number) =>
    pool.query(`update analytics.rollups set cost = cost + $1 where org_id = 'acme' and bucket_start < $2`, [
      by,
      new Date(today - 5 * DAY),
    ]);
  await change(-7);
  const { json } = await ask();
  expect(json.reconciles).toBe(false);
  expect(json.days[0]).toMatchObject({ differs: ['costDollars'] });
  expect(json.days[0].difference.costDollars).toMatch(/^-0\.0000000(07|14)$/);
  await change(7);
});

test('has only the days of the range', async () => {
  const { json } = await ask(`?start=${new Date(today - DAY).toISOString()}`);
  expect(json.days).toHaveLength(1);
});

describe('is refused', () => {
  test.each([
    ['?start=2026-02-30', 400, 'start'],
    ['?start=2026-02-02T00:00:00Z&end=2026-02-01T00:00:00Z', 400, 'must be before the end'],
    ['?start=2023-01-01T00:00:00Z', 400, 'at most 397 days'],
    ['?start=2023-01-01T00:00:00Z&end=2023-02-01T00:00:00Z', 422, 'are not kept'],
    ['?days=3', 400, 'days'],
  ])('for %s', async (query, status, words) => {
    const answer = await ask(query);
    expect(answer.status).toBe(status);
    expect(answer.json.detail).toContain(words);
  });

  test('for an org that the caller may not see', async () => {
    const token = await tokenOf(['finance'], ['globex']);
    expect((await ask('', 'acme', { token })).status).toBe(403);
  });
});
