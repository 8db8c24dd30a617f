import { Client, Pool } from 'pg';
import { beforeEach, describe, expect, inject, test } from 'vitest';
import { promoteAll, rollUp } from '../../src/rollups/fold/roll-up.ts';
import { grainNamed } from '../../src/rollups/grains.ts';
import { reconcile } from '../../src/rollups/reconcile/reconcile.ts';
import { rebuild } from '../../src/rollups/remake/rebuild.ts';
import { listEventDays } from '../../src/rollups/upkeep/event-days.ts';
import { useDatabase } from '../support/database/database.ts';
import { usageMaker } from '../support/events/fixtures.ts';
import { useIngestion } from '../support/events/ingestion.ts';

const database = useDatabase();
const now = Date.UTC(2026, 10, 18, 12);
const ingestion = useIngestion(database, { now: () => now });
const makeUsage = usageMaker(5, now);

function at(time: string) {
  return new Date(`2026-11-${time}Z`);
}

function usageOn(time: string, orgId = 'acme', modelId = 'gpt-4o') {
  return makeUsage({
    occurredAt: at(time).toISOString(),
    orgId,
    modelId,
    clientId: 'chat',
    status: 'success',
  });
}

beforeEach(async () => {
  await database.pool.query(
    `truncate analytics.events, analytics.event_keys, analytics.ingestion_batches, analytics.rollups, analytics.folds,
     analytics.removals, analytics.sessions, analytics.customer_orders, analytics.orders, analytics.products`,
  );
  await ingestion.store(
    usageOn('16T08:10'),
    usageOn('16T09:10'),
    usageOn('16T09:20', 'acme', 'claude-sonnet'),
    usageOn('16T09:30', 'globex'),
    {
      eventId: 's1',
      orgId: 'acme',
      type: 'inventory',
      occurredAt: '2026-11-16T09:00:00Z',
      sku: 'rose',
      quantity: 4,
    },
    {
      eventId: 's2',
      orgId: 'acme',
      type: 'inventory',
      occurredAt: '2026-11-16T09:40:00Z',
      sku: 'rose',
      quantity: 3,
    },
    {
      eventId: 'o1',
      orgId: 'acme',
      type: 'order',
      occurredAt: '2026-11-16T10:00:00Z',
      orderId: '1',
      status: 'completed',
      currency: 'EUR',
      items: [
        {
          sku: 'rose',
          name: 'Rose',
          collection: 'Black Rose',
          category: 'dress',
          quantity: 2,
          priceCents: 9900,
        },
      ],
    },
  );
  await rollUp(database.pool);
});

/** Changes the rollups of one hour. */
async function breakRollups(statement: string): Promise<void> {
  await database.pool.query(`${statement} and bucket_start >= '2026-11-16T09:00Z'
  and bucket_start < '2026-11-16T10:00Z' and org_id = 'acme'`);
  await forgetFoldSizes();
}

/** On Citus, a fold with fewer rows than it wrote is refused before anything is compared. */
async function forgetFoldSizes(): Promise<void> {
  await database.pool.query('update analytics.folds set rows = null');
}

test('undamaged rollups of every event type have no drift', async () => {
  expect(await reconcile(database.pool)).toEqual({
    from: at('16T00:00'),
    to: at('17T00:00'),
    rows: 8,
    drifts: [],
  });
});

test('a changed number is reported with its hour, org and type, and nothing else', async () => {
  await breakRollups(`update analytics.rollups set input_tokens = input_tokens + 1 where type = 'usage'`);
  const { drifts } = await reconcile(database.pool);
  expect(drifts).toMatchObject([
    { orgId: 'acme', type: 'usage', bucketStart: at('16T09:00'), differences: [{ what: 'input_tokens' }] },
  ]);
});

test('a lost row is reported with all its numbers', async () => {
  await breakRollups(`delete from analytics.rollups where type = 'inventory'`);
  const { drifts } = await reconcile(database.pool);
  expect(drifts).toMatchObject([{ orgId: 'acme', type: 'inventory', bucketStart: at('16T09:00') }]);
  expect(drifts[0]?.differences.find(({ what }) => what === 'count')).toEqual({
    what: 'count',
    raw: '2',
    rolledUp: '-',
  });
});

test('rollups without events are reported', async () => {
  await database.pool.query(`delete from analytics.events where type = 'order_line'`);
  const { drifts } = await reconcile(database.pool);
  expect(drifts).toMatchObject([
    { orgId: '*', type: 'order_line', bucketStart: at('16T10:00') },
    { orgId: 'acme', type: 'order_line', bucketStart: at('16T10:00') },
  ]);
});

test.for([
  ['gauge', `update analytics.rollups set last[2] = 9 where type = 'inventory'`, 'last'],
  [
    'sketch',
    `update analytics.rollups set sketch = set_byte(sketch, 1, get_byte(sketch, 1) + 1) where type = 'usage'`,
    'sketch_bins',
  ],
  ['minimum', `update analytics.rollups set value_min = 1 where type = 'usage'`, 'value_min'],
] as const)('a wrong %s is reported', async ([, statement, what]) => {
  await breakRollups(statement);
  const { drifts } = await reconcile(database.pool);
  expect(drifts).toMatchObject([{ bucketStart: at('16T09:00'), differences: [{ what }] }]);
});

test('numbers of all orgs that differ from the sum of the orgs are reported', async () => {
  await database.pool.query(
    `update analytics.rollups set cost = cost - 1 where org_id = '*' and bucket_start = '2026-11-16T09:30Z'`,
  );
  const { drifts } = await reconcile(database.pool);
  expect(drifts).toMatchObject([
    { orgId: '*', type: 'usage', bucketStart: at('16T09:00'), differences: [{ what: 'cost' }] },
  ]);
});

test('numbers of one model in the row of another are reported', async () => {
  await database.pool.query(
    `update analytics.rollups r set series_id = s.series_id from analytics.series s
     where s.org_id = 'acme' and s.model_id = 'claude-sonnet' and r.org_id = 'acme' and r.type = 'usage'
       and r.bucket_start = '2026-11-16T09:10Z'`,
  );
  const { drifts } = await reconcile(database.pool);
  expect(drifts).toMatchObject([{ bucketStart: at('16T09:00'), differences: [{ what: 'series' }] }]);
});

test('batches that wait for their roll-up are no drift', async () => {
  await ingestion.store(usageOn('16T09:15'), usageOn('17T09:15'));
  expect(await reconcile(database.pool)).toMatchObject({ rows: 8, drifts: [] });
  await rollUp(database.pool);
  expect(await reconcile(database.pool)).toMatchObject({ rows: 10, drifts: [] });
});

test('a range is widened to whole hours and cut to the kept rollups', async () => {
  const range = { from: at('16T09:15'), to: at('16T09:25') };
  expect(await reconcile(database.pool, range)).toEqual({
    from: at('16T09:00'),
    to: at('16T10:00'),
    rows: 5,
    drifts: [],
  });
  expect(await reconcile(database.pool, { from: at('01T00:00'), to: at('30T00:00') })).toMatchObject({
    rows: 8,
  });
  expect(await reconcile(database.pool, { from: at('18T00:00') })).toMatchObject({ rows: 0, drifts: [] });
});

/** The relations that hold the rows of a table: on Citus its shards, because any read locks the table itself. */
async function placesOf(table: string): Promise<string[]> {
  if (!inject('extensions').includes('citus')) return [table];
  const { rows } = await database.pool.query<{ name: string }>(
    'select shard_name(logicalrelid, shardid) as name from pg_dist_shard where logicalrelid = $1::regclass',
    [table],
  );
  return rows.map(({ name }) => name);
}

test('raw events of days before the range are not read', async () => {
  await ingestion.store(usageOn('15T09:00'));
  await rollUp(database.pool);
  const [earlier] = await listEventDays(database.pool);
  const other = new Client({ connectionString: database.url });
  await other.connect();
  await other.query('begin');
  await other.query(`lock table ${(await placesOf(earlier?.name ?? '')).join()} in access exclusive mode`);
  const impatient = new URL(database.url);
  impatient.searchParams.set('options', '-c lock_timeout=2s');
  const pool = new Pool({ connectionString: impatient.href, max: 1, types: database.pool.options.types });
  try {
    expect(await reconcile(pool, { from: at('16T00:00'), to: at('17T00:00') })).toMatchObject({
      rows: 8,
      drifts: [],
    });
  } finally {
    await pool.end();
    await other.end();
  }
});

test('rollups removed after their time are not compared', async () => {
  await database.pool.query(`delete from analytics.rollups where bucket_start < '2026-11-16T09:00Z'`);
  await database.pool.query(`insert into analytics.removals values ('hour', '2026-11-16T08:30Z')`);
  await forgetFoldSizes();
  expect(await reconcile(database.pool)).toMatchObject({ from: at('16T09:00'), rows: 7, drifts: [] });
});

describe('days and weeks, which hours are promoted to', () => {
  const day = at('16T00:00');
  // A Sunday.
  const week = at('15T00:00');
  beforeEach(async () => {
    await ingestion.store({
      eventId: 'v1',
      orgId: 'acme',
      type: 'storefront',
      stage: 'visit',
      occurredAt: '2026-11-16T11:00:00Z',
      sessionId: 'visit',
    });
    await rollUp(database.pool);
    await promoteAll(database.pool, grainNamed('week'));
    expect(await reconcile(database.pool)).toMatchObject({ rows: 9, drifts: [] });
  });
  const breakGrain = (grain: string, change: string, where = `org_id = 'acme' and type = 'usage'`) =>
    database.pool.query(`update analytics.rollups set ${change} where grain = '${grain}' and ${where}`);

  test.for([
    ['day', 'input_tokens', day],
    ['day', 'output_tokens', day],
    ['week', 'input_tokens', week],
    ['week', 'cost', week],
  ] as const)('a %s whose %s alone is wrong is reported', async ([grain, what, bucketStart]) => {
    await breakGrain(grain, `${what} = ${what} + 1`);
    const { drifts } = await reconcile(database.pool);
    expect(drifts).toMatchObject([
      { orgId: 'acme', type: 'usage', grain, bucketStart, differences: [{ what }] },
    ]);
  });

  test('a wrong day does not hide a wrong week in another org', async () => {
    await breakGrain('day', 'cost = cost + 1');
    await breakGrain('week', 'cost = cost + 1', `org_id = 'globex'`);
    const { drifts } = await reconcile(database.pool);
    expect(drifts.map(({ orgId, grain }) => [orgId, grain])).toEqual([
      ['globex', 'week'],
      ['acme', 'day'],
    ]);
  });

  test('a day of sessions, which are not events, is compared with its hours', async () => {
    await breakGrain('day', 'count = count + 1', `org_id = 'acme' and type = 'session'`);
    const { drifts } = await reconcile(database.pool);
    expect(drifts).toMatchObject([{ type: 'session', grain: 'day', bucketStart: day }]);
  });

  test('a day or week partly outside the range or partly removed is not compared', async () => {
    await breakGrain('day', 'cost = cost + 1');
    expect(await reconcile(database.pool, { from: at('16T09:00') })).toMatchObject({ drifts: [] });
    expect(await reconcile(database.pool, { to: at('16T10:00') })).toMatchObject({ drifts: [] });
    expect((await reconcile(database.pool, { from: day, to: at('17T00:00') })).drifts).toHaveLength(1);
    await database.pool.query(`insert into analytics.removals values ('events', '2026-11-16T08:00Z')`);
    expect(await reconcile(database.pool)).toMatchObject({ drifts: [] });
  });

  test('they are right again after a rebuild', async () => {
    await breakGrain('day', 'cost = cost + 1');
    await breakGrain('week', 'cost = cost + 2');
    await rebuild(database.pool, { from: day, to: at('17T00:00') });
    expect(await reconcile(database.pool)).toMatchObject({ rows: 9, drifts: [] });
  });
});
