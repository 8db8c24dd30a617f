import type { Pool } from 'pg';
import { expect, test } from 'vitest';
import { answerReliability } from '../../../src/queries/models/reliability.ts';
import type { SeriesQuery } from '../../../src/queries/models/series-query.ts';
import { answerUsage } from '../../../src/queries/models/usage.ts';
import { rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { DAY, HOUR } from '../../../src/time.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { useService } from '../../support/service/service.ts';

const service = useService();
const now = Date.now();

/** The pool of the database, and the statements that were sent through it. */
function recordedPool(): { pool: Pool; statements: string[] } {
  const statements: string[] = [];
  const { pool } = service.database;
  const query = (sql: string, values: unknown[]) => {
    statements.push(sql);
    return pool.query(sql, values);
  };
  return { pool: { query } as unknown as Pool, statements };
}

async function send(count: number, change: (n: number) => object): Promise<void> {
  const body = Array.from({ length: count }, (_, n) => makeUsage({ orgId: 'wide', ...change(n) }));
  expect((await service.call('/analytics/v1/events', { body })).json.stored).toBe(count);
}

test('a question with too many groups and buckets is refused before its numbers are read', async () => {
  const occurredAt = new Date(now - HOUR).toISOString();
  // An answer shows the largest groups and adds up the others, up to 200,000 groups times buckets.
  for (const half of ['a', 'b']) await send(750, (n) => ({ modelId: `${half}${n}`, occurredAt }));
  await send(10, (n) => ({ modelId: `a${n}`, occurredAt: new Date(now - 20 * DAY).toISOString() }));
  await rollUp(service.database.pool);
  const question: SeriesQuery = {
    orgId: 'wide',
    range: { start: now - 9 * DAY, end: now },
    granularity: 'hour',
    timezone: 'UTC',
    modelId: undefined,
    groupBy: 'model',
    now,
  };
  const { pool, statements } = recordedPool();
  const refusal = { code: 'too_many_points' };
  await expect(answerUsage(pool, question)).rejects.toMatchObject(refusal);
  await expect(answerReliability(pool, { ...question, percentiles: ['p50'] })).rejects.toMatchObject(refusal);
  expect(statements.filter((sql) => sql.includes('width_bucket'))).toEqual([]);

  const days = await answerUsage(pool, { ...question, granularity: 'day' });
  expect(days).toMatchObject({ totals: { invocations: 1_500 } });
  expect(days.restGroups).toBeGreaterThan(500);
  expect((await answerUsage(pool, { ...question, granularity: 'day', modelId: 'a1,b2' })).restGroups).toBe(0);

  // The org has many models, and few of them in this range, or with this filter.
  const few = { ...question, range: { start: now - 25 * DAY, end: now - 15 * DAY } };
  const { series } = await answerUsage(pool, few);
  expect(new Set(series.map(({ modelId }) => modelId)).size).toBe(10);
  const byClient = { ...question, groupBy: 'client' as const, modelId: 'a1' };
  expect((await answerUsage(pool, byClient)).totals.invocations).toBe(1);
});
