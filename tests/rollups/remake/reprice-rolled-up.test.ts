import { describe, expect, test } from 'vitest';
import { promoteAll } from '../../../src/rollups/fold/roll-up.ts';
import { grainNamed } from '../../../src/rollups/grains.ts';
import { reconcile } from '../../../src/rollups/reconcile/reconcile.ts';
import { applyRetention } from '../../../src/rollups/upkeep/retention.ts';
import { DAY } from '../../../src/time.ts';
import { silentLog } from '../../support/events/ingestion.ts';
import { makeJob } from '../../support/events/ml-jobs.ts';
import { putPrice } from '../../support/events/prices.ts';
import { CHANGE, changedJobs, expectedCost, useRepricing } from '../../support/events/repricing.ts';

const { database, ingestion, at, now, rollUpAll, storeJobs, putPrices, show, apply } = useRepricing();

describe('jobs with only rollups left', () => {
  /** Removes the raw events of all days but the last two. */
  const forget = () =>
    applyRetention({
      pool: database.pool,
      log: silentLog,
      rawRetention: DAY,
      dedupWindow: 400 * DAY,
      now,
    });
  /** Sums of a grain over all time, by org and source of costs. */
  const sums = async (name: string, only = 'true') => {
    const { rows } = await database.pool.query(
      `select r.org_id, s.cost_source, sum(r.count)::int as jobs, sum(r.cost)::float8 as cost,
         sum(r.value_sum)::float8 as duration
       from analytics.rollups r join analytics.series s on s.org_id = r.org_id and s.series_id = r.series_id
       where r.grain = $1 and ${only} group by 1, 2 order by 1, 2`,
      [name],
    );
    return rows;
  };
  const keepCopy = () =>
    database.pool.query(
      `drop table if exists public.raw_copy; create table public.raw_copy as select * from analytics.events`,
    );

  test('get their cost from sums, the same at every grain, right to half a unit a job', async () => {
    await storeJobs();
    await ingestion.store(makeJob({ occurredAt: at('10T13:02').toISOString() }));
    await rollUpAll();
    await promoteAll(database.pool, grainNamed('week'));
    await keepCopy();
    await forget();
    // The price changes within a minute. It has to change between two buckets of the remaining rollups.
    await putPrices();
    await expect(show()).rejects.toMatchObject({
      message: expect.stringContaining(CHANGE),
    });
    await database.pool.query(
      `update analytics.prices set effective_from = '2026-11-10T13:15Z' where effective_from > '2026-11-02'`,
    );
    const differences = await apply();
    expect(differences.reduce((sum, { fromSums }) => sum + fromSums, 0)).toBeGreaterThan(100);
    const { rows } = await database.pool.query(
      `select provider, sum(${expectedCost('2026-11-10T13:15Z')})::float8 as cost, count(*)::int as jobs from public.raw_copy
       where provider = 'replicate' group by 1`,
    );
    const shown = await database.pool.query(
      `select sum(r.cost)::float8 as cost, sum(r.count)::int as jobs from analytics.rollups r
       join analytics.series s on s.org_id = r.org_id and s.series_id = r.series_id
       where r.grain = 'week' and r.org_id <> '*' and s.provider = 'replicate'`,
    );
    expect(shown.rows[0].jobs).toBe(rows[0].jobs);
    expect(Math.abs(shown.rows[0].cost - rows[0].cost)).toBeLessThanOrEqual(rows[0].jobs);
    const weeks = await sums('week');
    for (const grain of ['quarter_hour', 'hour', 'day']) expect(await sums(grain)).toEqual(weeks);
    const orgs = await database.pool.query(
      `select sum(cost) filter (where org_id = '*') = sum(cost) filter (where org_id <> '*') as same,
         sum(count) filter (where org_id = '*') = sum(count) filter (where org_id <> '*') as counted
       from analytics.rollups where grain = 'day'`,
    );
    expect(orgs.rows).toEqual([{ same: true, counted: true }]);
    expect((await reconcile(database.pool)).drifts).toEqual([]);
    expect(changedJobs(await show())).toBe(0);
    expect(changedJobs(await apply())).toBe(0);
    expect(await sums('week')).toEqual(weeks);
  });

  test('keep costs that were rounded job by job while their price stays', async () => {
    await putPrice(database.pool, {
      provider: 'replicate',
      effectiveFrom: '2026-11-01',
      centsPerSecond: 0.00013,
    });
    await storeJobs();
    await rollUpAll();
    await promoteAll(database.pool, grainNamed('week'));
    // Applies these prices, rounded job by job, whatever prices the process had cached.
    await apply();
    await forget();
    const before = await sums('day');
    expect(changedJobs(await apply())).toBe(0);
    expect(await sums('day')).toEqual(before);
  });

  test('are repriced together with late events that wait', async () => {
    await storeJobs();
    await rollUpAll();
    await promoteAll(database.pool, grainNamed('week'));
    await forget();
    const late = makeJob({ occurredAt: at('05T10:00').toISOString(), orgId: 'late', durationMs: 1_000 });
    await ingestion.store(late);
    await putPrice(database.pool, { provider: 'replicate', effectiveFrom: '2026-11-01', centsPerJob: 3 });
    await apply();
    await rollUpAll();
    await promoteAll(database.pool, grainNamed('week'));
    for (const grain of ['day', 'week']) {
      expect(await sums(grain, `r.org_id = 'late'`)).toEqual([
        { org_id: 'late', cost_source: 'table', jobs: 1, cost: 30_000_000, duration: 1_000_000 },
      ]);
    }
    expect(changedJobs(await show())).toBe(0);
  });

  test('older than days are kept cannot be repriced', async () => {
    await storeJobs();
    await rollUpAll();
    await database.pool.query(
      `insert into analytics.removals values ('events', '2026-11-10'), ('day', '2026-11-10')`,
    );
    await putPrices();
    await expect(show()).rejects.toMatchObject({
      code: 'range_not_kept',
      message: expect.stringContaining('2026-11-15'),
    });
    await show({ from: at('15T00:00'), to: at('19T00:00') });
  });
});
