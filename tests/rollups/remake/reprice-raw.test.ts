import { describe, expect, test } from 'vitest';
import { planWithout } from '../../../src/database/extensions/plan-without.ts';
import { withTransaction } from '../../../src/database/pool.ts';
import { promoteAll, rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { grainNamed, grains } from '../../../src/rollups/grains.ts';
import { reconcile } from '../../../src/rollups/reconcile/reconcile.ts';
import type { PriceDifference } from '../../../src/rollups/remake/price-difference.ts';
import { countedSketch } from '../../../src/rollups/rows/sketch-sql.ts';
import { HOUR } from '../../../src/time.ts';
import { grainsThatDiffer, rollupTotals } from '../../support/answers/rollup-totals.ts';
import { makeJob } from '../../support/events/ml-jobs.ts';
import { changedJobs, expectedCost, repriceableJobs, useRepricing } from '../../support/events/repricing.ts';

const { database, ingestion, at, now, rollUpAll, storeJobs, putPrices, show, apply } = useRepricing();

/** Raw jobs whose cost differs from the prices, or whose series has another source of costs. */
async function rawFaults() {
  const { rows } = await database.pool.query(
    `select e.* from (select *, ${expectedCost()} as expected from analytics.events) as e
     join analytics.series s on s.org_id = e.org_id and s.series_id = e.series_id
     where e.cost is distinct from e.expected or e.cost_source <> s.cost_source
       or (e.cost is null) <> (e.cost_source = 'none')`,
  );
  return rows;
}

/** Everything that readers of rollups see, at every grain. */
async function everything() {
  return JSON.stringify(await Promise.all(grains.map((grain) => rollupTotals(database.pool, grain))));
}

describe('jobs with raw events', () => {
  test('are shown with the difference first, and nothing changes', async () => {
    await storeJobs();
    await putPrices();
    const before = await everything();
    const differences = await show();
    expect(await everything()).toBe(before);
    const { rows } = await database.pool.query(
      `select 'ml_job' as type, json_build_array(provider, pipeline, null) as scope, count(*)::int as events,
         count(*) filter (where x.after is not null)::int as changed, 0 as before,
         coalesce(sum(x.after), 0)::int as after, count(*)::int as "unpricedBefore",
         count(*) filter (where x.after is null)::int as "unpricedAfter", 0 as "fromSums", 0 as kept
       from analytics.events, lateral (select ${expectedCost()} as after) as x
       where cost_source <> 'given' group by provider, pipeline order by provider, pipeline`,
    );
    expect(rows.length).toBe(6);
    const key = ({ scope }: PriceDifference) => scope.join(' ');
    expect([...differences].sort((a, b) => (key(a) < key(b) ? -1 : 1))).toEqual(rows);
  });

  test('get the cost of the price in force, at every grain and for all orgs together', async () => {
    await storeJobs();
    await putPrices();
    expect(changedJobs(await apply())).toBeGreaterThan(100);
    expect(await rawFaults()).toEqual([]);
    expect(await grainsThatDiffer(database.pool)).toEqual([]);
    expect((await reconcile(database.pool)).drifts).toEqual([]);
    // Waiting jobs are rolled up with their new cost.
    await rollUpAll();
    expect(await grainsThatDiffer(database.pool)).toEqual([]);
    expect((await reconcile(database.pool)).drifts).toEqual([]);
    expect(changedJobs(await show())).toBe(0);
  });

  test('can be repriced again and again, and lose their cost with the price', async () => {
    await storeJobs();
    const before = await everything();
    await putPrices();
    await apply();
    const after = await everything();
    expect(changedJobs(await apply())).toBe(0);
    expect(await everything()).toBe(after);
    await database.pool.query('delete from analytics.prices');
    await apply();
    expect(await everything()).toBe(before);
    expect((await reconcile(database.pool)).drifts).toEqual([]);
  });

  test('of another provider or out of the range stay as they are', async () => {
    await storeJobs();
    await putPrices();
    const [from, to] = [at('08T07:31:02.5'), at('12T00:00')];
    await apply({ from, to, provider: 'replicate' });
    const { rows } = await database.pool.query(
      `select count(*)::int as wrong from analytics.events where cost_source <> 'given'
         and (provider = 'replicate' and occurred_at >= $1 and occurred_at < $2) <> (cost_source = 'table')`,
      [from, to],
    );
    expect(rows).toEqual([{ wrong: 0 }]);
    expect(await grainsThatDiffer(database.pool)).toEqual([]);
  });

  test('are duplicates when they are sent again', async () => {
    await storeJobs();
    const [job] = repriceableJobs();
    if (!job) throw new Error('there is no job');
    const again = { ...job, eventId: 'again' };
    expect(await ingestion.store(again)).toMatchObject({ stored: 1 });
    await putPrices();
    await apply();
    expect(await ingestion.store(again)).toMatchObject({ stored: 0, duplicates: 1, conflicts: 0 });
  });

  test('are audited when they are repriced', async () => {
    await storeJobs();
    await apply({ from: at('01T00:00'), to: at('19T00:00'), provider: 'tripo' });
    const { rows } = await database.pool.query(
      `select actor_id, subject from analytics.audit_log where action = 'prices.reprice' order by id desc limit 1`,
    );
    expect(rows).toEqual([
      { actor_id: 'ada', subject: '2026-11-01T00:00:00.000Z to 2026-11-19T00:00:00.000Z, tripo' },
    ]);
  });
});

test('a sketch of many jobs is counted without a copy of it for each job', async () => {
  await withTransaction(database.pool, async (client) => {
    // The planner settings of repricing, which make it sort.
    await planWithout(client, ['enable_nestloop', 'jit']);
    const { rows } = await client.query(
      `explain (analyze, buffers, format json)
       select ${countedSketch('sketch')} from (
         select string_agg(int2send((n % 300)::smallint) || int4send(1), ''::bytea) as sketch
         from generate_series(1, 3000) as n
       ) as s`,
    );
    expect(rows[0]['QUERY PLAN'][0].Plan).toMatchObject({ 'Temp Written Blocks': 0 });
  });
});

test('repricing may run during ingestion and roll-ups', async () => {
  await storeJobs();
  await putPrices();
  let ended = false;
  const load = async () => {
    for (let i = 0; !ended && i < 200; i++) {
      await ingestion.store(
        makeJob({ occurredAt: at(`${10 + (i % 8)}T09:${10 + (i % 50)}`).toISOString(), durationMs: i }),
      );
      await rollUp(database.pool);
      await promoteAll(database.pool, grainNamed('week'));
    }
  };
  const repricing = async () => {
    for (let i = 0; i < 2; i++) await apply();
    ended = true;
  };
  await Promise.all([load(), load(), repricing()]);
  await rollUpAll();
  expect(await grainsThatDiffer(database.pool)).toEqual([]);
  await apply();
  expect(await rawFaults()).toEqual([]);
  expect(await grainsThatDiffer(database.pool)).toEqual([]);
});

test('an empty range is refused', async () => {
  await expect(show({ from: at('02T00:00'), to: at('02T00:00') })).rejects.toMatchObject({
    code: 'invalid_request',
  });
});

test('without jobs there is nothing to reprice', async () => {
  expect(await show({ from: new Date(now - HOUR), to: new Date(now) })).toEqual([]);
  expect(await apply()).toEqual([]);
});
