/** A question reads the rollups of its range, however long the history of its org is beside that of the others. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answerReliability } from '../../../src/queries/models/reliability.ts';
import { bucketStart, grainNamed } from '../../../src/rollups/grains.ts';
import { DAY } from '../../../src/time.ts';
import { useDatabase } from '../../support/database/database.ts';
import { explainStatements } from './explained-statements.ts';

const SERIES = 40;
/** The org was the first; all others came later. */
const HISTORY = 390;
const RECENT = 25;
const OTHERS = 150;
/** The days of the question. */
const ASKED = 20;

const explained = explainStatements();
const database = useDatabase();
const today = bucketStart(grainNamed('day'), Date.now());

/** Days of rollups, each day from a fold of its own, as they are written day by day. */
async function writeDays(orgs: string, from: number, until: number): Promise<void> {
  await database.pool.query(
    `insert into analytics.rollups (
       grain, fold_id, org_id, type, series_id, bucket_start, count, value_sum, value_min, value_max, sketch, last_event_at)
     select 'day', d, o, 'usage', s, $1::timestamptz - d * interval '1 day', 50, 50000, 500, 2000,
       decode(repeat('012c00000001', 50), 'hex'), $1::timestamptz - d * interval '1 day'
     from generate_series($2::int, $3::int, -1) as d, ${orgs} as orgs (o), generate_series(1, ${SERIES}) as s`,
    [new Date(today), from, until],
  );
}

beforeAll(async () => {
  const { pool } = database;
  await pool.query(
    `insert into analytics.series (org_id, series_id, platform_series_id, type, series_key, model_id, status)
     select 'first', s, s, 'usage', 'k' || s, 'model-' || s, 'success' from generate_series(1, ${SERIES}) as s`,
  );
  await writeDays(`(select 'first')`, HISTORY, RECENT + 1);
  await writeDays(
    `(select 'first' union all select 'org-' || n from generate_series(1, ${OTHERS}) as n)`,
    RECENT,
    1,
  );
  await pool.query('vacuum analyze analytics.rollups_day, analytics.series');
}, 120_000);

afterAll(() => explained.stop());

test('twenty days of an org with a year of history', async () => {
  const range = { start: today - ASKED * DAY, end: today };
  const { totals } = await answerReliability(database.pool, {
    ...{ orgId: 'first', range, granularity: 'day', timezone: 'UTC', now: Date.now() },
    ...{ modelId: undefined, groupBy: undefined, percentiles: ['p95'] },
  });
  expect(totals.invocations).toBe(ASKED * SERIES * 50);
  const most = Math.max(...explained.taken().map((effort) => effort.most));
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(1.5 * ASKED * SERIES);
});
