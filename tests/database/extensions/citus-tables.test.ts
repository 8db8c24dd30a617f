/** The tables that Citus makes of ours: how many shards and partitions there are, and how many connections change them. */
import { describe, expect, inject, test } from 'vitest';
import { dayOf, EventPartitions } from '../../../src/ingestion/partitions.ts';
import { rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { reconcileRecorded } from '../../../src/rollups/reconcile/recorded.ts';
import { applyRetention } from '../../../src/rollups/upkeep/retention.ts';
import { DAY } from '../../../src/time.ts';
import { useDatabase } from '../../support/database/database.ts';
import { useUndecidedDatabase } from '../../support/database/undecided-database.ts';
import { usageMaker } from '../../support/events/fixtures.ts';
import { silentLog, useIngestion } from '../../support/events/ingestion.ts';
import { skipUnless } from '../../support/skip-unless.ts';

const needsCitus = skipUnless(
  inject('extensions').includes('citus'),
  'needs Citus: TEST_DATABASE_URL of a server that has it loaded',
);

const noon = Date.UTC(2026, 10, 18, 12);
const makeUsage = usageMaker(9, noon);

function usageOf(orgId: string, daysAgo: number) {
  return makeUsage({ orgId, occurredAt: new Date(noon - daysAgo * DAY).toISOString() });
}

describe('raw events that retention is about to remove', needsCitus, () => {
  const database = useDatabase();
  const ingestion = useIngestion(database, { now: () => noon });
  const old = [100, 101, 130, 20, 10, 0].map((daysAgo) => usageOf('acme', daysAgo));
  const partitions = async (): Promise<string[]> => {
    const { rows } = await database.pool.query<{ name: string }>(
      `select relname as name from pg_inherits join pg_class c on c.oid = inhrelid
       where inhparent = 'analytics.events'::regclass order by 1`,
    );
    return rows.map(({ name }) => name);
  };

  test('share a partition by month, and others have one by day', async () => {
    expect(await ingestion.store(...old)).toMatchObject({ stored: 6 });
    expect(await partitions()).toEqual([
      'events_202607',
      'events_202608',
      'events_202610',
      'events_20261108',
      'events_20261118',
    ]);
    while ((await rollUp(database.pool)) > 0);
    const { rows, drifts } = await reconcileRecorded(
      { pool: database.pool, clock: { now: () => noon }, startedBy: 'command' },
      {},
    );
    expect({ rows, drifts }).toEqual({ rows: 6, drifts: [] });
  });

  test('are booked day by day, and removed by the month', async () => {
    await applyRetention({
      ...{ pool: database.pool, log: silentLog, now: noon },
      ...{ rawRetention: 7 * DAY, dedupWindow: 32 * DAY },
    });
    expect(await partitions()).toEqual(['events_20261118']);
    const { rows } = await database.pool.query<{ day: Date; events: number }>(
      `select day, sum(events)::int as events from analytics.daily_books where org_id = 'acme' group by 1 order by 1`,
    );
    expect(rows.map(({ day, events }) => `${day.toISOString().slice(0, 10)} ${events}`)).toEqual([
      '2026-07-11 1',
      '2026-08-09 1',
      '2026-08-10 1',
      '2026-10-29 1',
      '2026-11-08 1',
    ]);
    expect(await ingestion.store(...old)).toMatchObject({ stored: 0, duplicates: 6 });
    expect(await ingestion.store(usageOf('acme', 100))).toMatchObject({ stored: 1 });
    while ((await rollUp(database.pool)) > 0);
    const { drifts } = await reconcileRecorded(
      { pool: database.pool, clock: { now: () => noon }, startedBy: 'command' },
      {},
    );
    expect(drifts).toEqual([]);
  });

  test('go on by days in a month of which a day has a partition', async () => {
    const september = (day: number) => dayOf(Date.UTC(2026, 8, day) * 1_000);
    await new EventPartitions(database.pool).ensure([september(5)]);
    await new EventPartitions(database.pool, () => noon).ensure([september(5), september(6)]);
    expect((await partitions()).filter((name) => name.startsWith('events_202609'))).toEqual([
      'events_20260905',
      'events_20260906',
    ]);
  });

  test('are changed over one connection to each node', async () => {
    const { rows } = await database.pool.query('show citus.multi_shard_modify_mode');
    expect(rows).toEqual([{ 'citus.multi_shard_modify_mode': 'sequential' }]);
  });
});

describe('the number of shards', needsCitus, () => {
  const database = useUndecidedDatabase();

  test('is four for each node, unless the server says how many', async () => {
    const given = await database.pool.query<{ setting: string; source: string }>(
      `select setting, source from pg_settings where name = 'citus.shard_count'`,
    );
    await database.addExtensions();
    await database.migrate();
    const { rows } = await database.pool.query<{ shards: number }>(
      `select count(*) as shards from pg_dist_shard where logicalrelid = 'analytics.series'::regclass`,
    );
    const [server] = given.rows;
    expect(rows).toEqual([{ shards: server?.source === 'default' ? 4 : Number(server?.setting) }]);
  });
});

describe('a number of shards that the database has', needsCitus, () => {
  const database = useUndecidedDatabase();

  test('stays', async () => {
    const name = new URL(database.url).pathname.slice(1);
    await database.pool.query(`alter database ${name} set citus.shard_count = 6`);
    await database.addExtensions();
    await database.migrate();
    const { rows } = await database.pool.query<{ shards: number }>(
      `select count(*) as shards from pg_dist_shard where logicalrelid = 'analytics.series'::regclass`,
    );
    expect(rows).toEqual([{ shards: 6 }]);
  });
});
