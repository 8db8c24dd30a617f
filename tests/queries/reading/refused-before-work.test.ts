/** Questions about jobs and sales that would read too many groups are refused before their numbers are read. */
import type { Pool } from 'pg';
import { beforeAll, expect, test } from 'vitest';
import { answerSales } from '../../../src/queries/business/sales.ts';
import { answerMl } from '../../../src/queries/ml/ml.ts';
import type { AdminQuery } from '../../../src/queries/reading/admin-query.ts';
import { rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { DAY, HOUR } from '../../../src/time.ts';
import { makeJob } from '../../support/events/ml-jobs.ts';
import { useService } from '../../support/service/service.ts';

const service = useService();
const now = Date.now();
const occurredAt = new Date(now - HOUR).toISOString();
/** Nine days by the hour have 217 buckets, in which at most 921 groups are read. */
const query: AdminQuery = {
  orgId: 'wide',
  range: { start: now - 9 * DAY, end: now },
  granularity: 'hour',
  timezone: 'UTC',
  compare: undefined,
  now,
};
const refusal = {
  code: 'too_many_points',
  message: expect.stringMatching(/use granularity=|choose a shorter range/),
};

/** The pool of the database, and the statements that read numbers through it. */
function recordedPool(): { pool: Pool; reads: string[] } {
  const reads: string[] = [];
  const { pool } = service.database;
  const recorded = (sql: string, values: unknown[]) => {
    if (sql.includes('width_bucket')) reads.push(sql);
    return pool.query(sql, values);
  };
  return { pool: { query: recorded } as unknown as Pool, reads };
}

async function send(events: object[]): Promise<void> {
  const { json } = await service.call('/analytics/v1/events', { body: events });
  expect(json).toMatchObject({ stored: events.length });
}

beforeAll(async () => {
  for (const half of ['a', 'b'])
    await send(
      Array.from({ length: 500 }, (_, n) =>
        makeJob({ orgId: 'wide', pipeline: `${half}${n}`, provider: half, occurredAt }),
      ),
    );
  const itemOf = (sku: string) => ({
    ...{ sku, name: sku, collection: 'c', category: 'c', quantity: 1, priceCents: 100 },
  });
  const orders = Array.from({ length: 10 }, (_, order) => ({
    ...{ eventId: `order-${order}`, orgId: 'wide', type: 'order', occurredAt, orderId: `o-${order}` },
    ...{ status: 'completed', currency: 'EUR' },
    items: Array.from({ length: 100 }, (_, n) => itemOf(`s-${order}-${n}`)),
  }));
  await send(orders);
  while ((await rollUp(service.database.pool)) > 0);
});

test('jobs by pipeline', async () => {
  const { pool, reads } = recordedPool();
  await expect(answerMl(pool, { ...query, groupBy: 'pipeline' })).rejects.toMatchObject(refusal);
  expect(reads).toEqual([]);
  const byDay = await answerMl(pool, { ...query, granularity: 'day', groupBy: 'pipeline' });
  expect(byDay.groups).toHaveLength(1_000);
  expect((await answerMl(pool, { ...query, groupBy: 'provider' })).groups).toHaveLength(2);
  expect((await answerMl(pool, { ...query, groupBy: 'pipeline', provider: 'a' })).groups).toHaveLength(500);
});

test('sales by product', async () => {
  const { pool, reads } = recordedPool();
  const sales = { ...query, breakdown: 'product' as const, limit: 10 };
  await expect(answerSales(pool, sales)).rejects.toMatchObject(refusal);
  expect(reads.filter((sql) => sql.includes('sku'))).toEqual([]);
  const byDay = await answerSales(pool, { ...sales, granularity: 'day' });
  expect(byDay.groups).toHaveLength(11);
  expect((await answerSales(pool, { ...sales, breakdown: 'category' })).groups).toHaveLength(1);
});
