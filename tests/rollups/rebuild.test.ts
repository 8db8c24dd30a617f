import { beforeEach, describe, expect, test } from 'vitest';
import { promoteAll, rollUp } from '../../src/rollups/fold/roll-up.ts';
import { grainNamed, grains } from '../../src/rollups/grains.ts';
import { reconcile } from '../../src/rollups/reconcile/reconcile.ts';
import { rebuild } from '../../src/rollups/remake/rebuild.ts';
import { compact } from '../../src/rollups/upkeep/compact.ts';
import { DAY, HOUR } from '../../src/time.ts';
import { grainsThatDiffer, rawTotals, rollupTotals } from '../support/answers/rollup-totals.ts';
import { useDatabase } from '../support/database/database.ts';
import { usageMaker } from '../support/events/fixtures.ts';
import { useIngestion } from '../support/events/ingestion.ts';

const database = useDatabase();
const now = Date.UTC(2026, 10, 18, 12);
const ingestion = useIngestion(database, { now: () => now });
const makeUsage = usageMaker(11, now);

function at(time: string) {
  return new Date(`2026-11-${time}Z`);
}

function usageOn(time: string) {
  return makeUsage({ occurredAt: at(time).toISOString() });
}

async function rollUpAll() {
  while ((await rollUp(database.pool)) > 0);
}

beforeEach(async () => {
  await database.pool.query(
    'truncate analytics.events, analytics.event_keys, analytics.ingestion_batches, analytics.rollups, analytics.folds, analytics.removals',
  );
});

/** Four days on both sides of Sunday the 15th, when a week begins; some of them in folds of every kind. */
async function storeHistory() {
  const times = ['13T22:10', '14T23:59:59.999999', '15T00:00', '15T08:30', '16T12:00', '17T01:15'];
  await ingestion.store(...times.map(usageOn), ...times.map(usageOn));
  await rollUpAll();
  await promoteAll(database.pool, grainNamed('week'));
  await ingestion.store(...times.map(usageOn));
  await rollUpAll();
  await promoteAll(database.pool, grainNamed('hour'));
  await ingestion.store(...times.map(usageOn));
  await rollUpAll();
}

describe('a rebuild', () => {
  test('repairs changed, lost and doubled rows at every grain, and nothing outside its range', async () => {
    await storeHistory();
    expect(await grainsThatDiffer(database.pool)).toEqual([]);
    await database.pool.query(
      `update analytics.rollups set count = count + 7 where bucket_start >= '2026-11-15' and bucket_start < '2026-11-16'`,
    );
    await database.pool.query(`delete from analytics.rollups where bucket_start = '2026-11-16T12:00Z'`);
    await database.pool.query(
      `insert into analytics.rollups select * from analytics.rollups where bucket_start = '2026-11-15T08:30Z'`,
    );
    expect(await grainsThatDiffer(database.pool)).toEqual(grains.map(({ name }) => name));

    await rebuild(database.pool, { from: at('15T00:00'), to: at('17T00:00') });
    expect(await grainsThatDiffer(database.pool)).toEqual([]);
  });

  test('keeps right rollups right, however few of them are promoted', async () => {
    await storeHistory();
    await rebuild(database.pool, { from: at('14T00:00'), to: at('16T00:00') });
    expect(await grainsThatDiffer(database.pool)).toEqual([]);
    await promoteAll(database.pool, grainNamed('week'));
    for (const grain of grains) while ((await compact(database.pool, grain)) > 0);
    expect(await grainsThatDiffer(database.pool)).toEqual([]);
  });

  test('widens its range to whole days, and says so', async () => {
    await storeHistory();
    const rebuilt = await rebuild(database.pool, { from: at('15T08:00'), to: at('15T09:00') });
    expect(rebuilt).toEqual({ from: at('15T00:00'), to: at('16T00:00') });
  });

  test('leaves waiting batches to their roll-up', async () => {
    await storeHistory();
    await ingestion.store(usageOn('15T08:31'), usageOn('13T08:31'));
    await rebuild(database.pool, { from: at('15T00:00'), to: at('16T00:00') });
    expect(await grainsThatDiffer(database.pool)).toEqual([]);
    expect(await rollUp(database.pool)).toBe(1);
    expect(await grainsThatDiffer(database.pool)).toEqual([]);
    const days = await rollupTotals(database.pool, grainNamed('day'));
    const ofOrg = days.filter(({ org_id }) => org_id === 'acme');
    expect(ofOrg.map(({ count }) => count)).toEqual(['5', '4', '9', '4', '4']);
  });

  test('lets later late events be rolled up as usual', async () => {
    await storeHistory();
    await rebuild(database.pool, { from: at('13T00:00'), to: at('18T00:00') });
    await ingestion.store(usageOn('14T10:00'), usageOn('16T10:00'));
    await rollUpAll();
    await promoteAll(database.pool, grainNamed('week'));
    expect(await grainsThatDiffer(database.pool)).toEqual([]);
    expect((await reconcile(database.pool)).drifts).toEqual([]);
  });

  test('may run during ingestion and roll-ups', async () => {
    await storeHistory();
    const load = async () => {
      for (let i = 0; i < 20; i++) {
        await ingestion.store(usageOn('14T10:00'), usageOn('15T10:00'));
        await rollUp(database.pool);
        await promoteAll(database.pool, grainNamed('week'));
      }
    };
    const rebuilds = async () => {
      for (let i = 0; i < 5; i++) await rebuild(database.pool, { from: at('13T00:00'), to: at('18T00:00') });
    };
    await Promise.all([load(), load(), rebuilds()]);
    await rollUpAll();
    expect(await grainsThatDiffer(database.pool)).toEqual([]);
    const weeks = await rawTotals(database.pool, grainNamed('week'));
    expect(weeks.filter(({ org_id }) => org_id === 'acme').length).toBe(2);
  });

  test('is refused where raw events have been removed', async () => {
    await storeHistory();
    await database.pool.query(`insert into analytics.removals values ('events', '2026-11-15')`);
    const attempt = rebuild(database.pool, {
      from: new Date(at('15T00:00').getTime() - HOUR),
      to: at('16T00:00'),
    });
    await expect(attempt).rejects.toMatchObject({ code: 'range_not_kept' });
    await rebuild(database.pool, { from: at('15T00:00'), to: at('16T00:00') });
  });

  test('is refused for a range that ends before it begins', async () => {
    const range = { from: at('16T00:00'), to: new Date(at('16T00:00').getTime() - DAY) };
    await expect(rebuild(database.pool, range)).rejects.toMatchObject({ code: 'invalid_request' });
  });
});
