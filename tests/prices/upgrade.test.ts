import { readFile } from 'node:fs/promises';
import { expect, inject, test } from 'vitest';
import { withTransaction } from '../../src/database/pool.ts';
import { promoteAll } from '../../src/rollups/fold/roll-up.ts';
import { grainNamed } from '../../src/rollups/grains.ts';
import { reconcile } from '../../src/rollups/reconcile/reconcile.ts';
import { grainsThatDiffer } from '../support/answers/rollup-totals.ts';
import { makeJob } from '../support/events/ml-jobs.ts';
import { changedJobs, expectedCost, useRepricing } from '../support/events/repricing.ts';
import { skipUnless } from '../support/skip-unless.ts';

const { database, ingestion, at, rollUpAll, storeJobs, putPrices, show, apply } = useRepricing();

/** Brings the database back to the state before prices, when jobs with and without a cost shared a series. */
async function withoutPrices(down: string): Promise<void> {
  await withTransaction(database.pool, async (client) => {
    await client.query(down);
    await client.query(
      `create temporary table merged on commit drop as
       select org_id, series_id, min(series_id) over (
         partition by org_id, pipeline, operation, provider, status, error_code) as kept
       from analytics.series where type = 'ml_job'`,
    );
    for (const table of ['events', 'rollups']) {
      await client.query(
        `update analytics.${table} as t set series_id = m.kept from merged m
         where m.org_id = t.org_id and m.series_id = t.series_id`,
      );
    }
    await client.query(
      `update analytics.series s set platform_series_id = m.kept from merged m
       where m.org_id = '*' and m.series_id = s.platform_series_id`,
    );
    await client.query(
      `delete from analytics.series s using merged m
       where m.org_id = s.org_id and m.series_id = s.series_id and m.kept <> m.series_id`,
    );
    await client.query(`update analytics.series set series_key = 'older ' || series_key`);
  });
}

async function sourcesOf(table: 'events' | 'series', source: string) {
  const { rows } = await database.pool.query(
    `select t.cost_source as is, ${source} as should_be from analytics.${table} as t
     where t.type = 'ml_job' and t.org_id <> '*' and t.cost_source is distinct from ${source}`,
  );
  return rows;
}

const upgradable = skipUnless(
  !inject('extensions').includes('citus'),
  'this migration is older than distribution by Citus',
);

test(
  'an upgrade from before prices records the sources of costs, and jobs can then be priced',
  upgradable,
  async () => {
    await storeJobs();
    const path = new URL('../../src/database/migrations/0005_prices.sql', import.meta.url);
    const [up = '', down = ''] = (await readFile(path, 'utf8')).split('-- Down Migration');
    await withoutPrices(down);
    await withTransaction(database.pool, (client) => client.query(up));

    expect(await sourcesOf('events', `case when t.cost is null then 'none' else 'given' end`)).toEqual([]);
    // Rollups cannot separate a series with both. The batch that waits is not in them yet.
    const anyCost = `exists (select from analytics.rollups r
      where r.org_id = t.org_id and r.series_id = t.series_id and r.cost is not null)`;
    expect(await sourcesOf('series', `case when ${anyCost} then 'given' else 'none' end`)).toEqual([]);
    expect(await grainsThatDiffer(database.pool)).toEqual([]);

    await ingestion.store(makeJob({ occurredAt: at('18T11:00').toISOString() }));
    await rollUpAll();
    await promoteAll(database.pool, grainNamed('week'));
    await putPrices();
    expect(changedJobs(await apply())).toBeGreaterThan(100);
    const { rows } = await database.pool.query(
      `select count(*)::int as wrong from analytics.events
       where cost is distinct from ${expectedCost()}`,
    );
    expect(rows).toEqual([{ wrong: 0 }]);
    expect(await grainsThatDiffer(database.pool)).toEqual([]);
    expect((await reconcile(database.pool)).drifts).toEqual([]);
    expect(changedJobs(await show())).toBe(0);
  },
);
