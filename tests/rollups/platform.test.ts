import { readFile } from 'node:fs/promises';
import { beforeEach, describe, expect, inject, test } from 'vitest';
import { withTransaction } from '../../src/database/pool.ts';
import { answerReliability } from '../../src/queries/models/reliability.ts';
import { answerUsage } from '../../src/queries/models/usage.ts';
import { promoteAll, rollUp } from '../../src/rollups/fold/roll-up.ts';
import { grainNamed, grains } from '../../src/rollups/grains.ts';
import { reconcile } from '../../src/rollups/reconcile/reconcile.ts';
import { rebuild } from '../../src/rollups/remake/rebuild.ts';
import { compact } from '../../src/rollups/upkeep/compact.ts';
import { DAY, HOUR } from '../../src/time.ts';
import { grainsThatDiffer } from '../support/answers/rollup-totals.ts';
import { useDatabase } from '../support/database/database.ts';
import { usageMaker } from '../support/events/fixtures.ts';
import { useIngestion } from '../support/events/ingestion.ts';
import { skipUnless } from '../support/skip-unless.ts';

const database = useDatabase();
const now = Date.UTC(2026, 10, 18, 12);
const ingestion = useIngestion(database, { now: () => now });
const makeUsage = usageMaker(21, now);
const orgs = ['acme', 'globex', 'initech'];
const question = {
  orgId: '*',
  range: { start: now - DAY, end: now },
  granularity: 'hour',
  timezone: 'UTC',
  modelId: undefined,
  groupBy: undefined,
  now,
} as const;

beforeEach(async () => {
  await database.pool.query(
    'truncate analytics.events, analytics.event_keys, analytics.ingestion_batches, analytics.rollups, analytics.folds, analytics.freshness_status, analytics.sessions, analytics.customer_orders, analytics.orders, analytics.products',
  );
});

/** Usage, an order and a stock level of each org, with new ids on each call. */
let calls = 0;

function storeOfEach(ago: number) {
  const occurredAt = new Date(now - ago).toISOString();
  const call = calls++;
  return ingestion.store(
    ...orgs.flatMap((orgId, index) => [
      makeUsage({ orgId, occurredAt, clientId: `client of ${orgId}`, modelId: 'm', latencyMs: 100 + index }),
      makeUsage({ orgId, occurredAt, clientId: 'chat', modelId: index === 0 ? 'only of acme' : 'm' }),
      { eventId: `stock ${call}`, orgId, type: 'inventory', occurredAt, sku: 'rose', quantity: 9 - index },
      {
        eventId: `order ${call}`,
        orgId,
        type: 'order',
        occurredAt,
        orderId: '1',
        status: 'completed',
        currency: 'EUR',
        items: [{ sku: 'r', name: 'R', collection: '🌹', category: 'dress', quantity: 2, priceCents: 9900 }],
      },
    ]),
  );
}

async function rollUpAll() {
  while ((await rollUp(database.pool)) > 0);
}

/** Rows of closed and open buckets at every grain, with some folds of each promoted and some waiting. */
async function storeHistory() {
  for (const upTo of ['week', 'day', 'hour', 'quarter_hour', undefined] as const) {
    for (const ago of [HOUR, 2 * HOUR, 9 * DAY]) {
      await storeOfEach(ago);
      await rollUpAll();
    }
    if (upTo) await promoteAll(database.pool, grainNamed(upTo));
    if (upTo === 'day') for (const grain of grains) await compact(database.pool, grain);
  }
}

async function seriesOf(orgId: string): Promise<unknown[]> {
  const { rows } = await database.pool.query(
    `select type, model_id, client_id, sku, status, count(*) over (partition by series_key)::int as same
     from analytics.series where org_id = $1 order by 1, 2, 3, 4, 5`,
    [orgId],
  );
  return rows;
}

describe('all orgs together', () => {
  test('are queried like an org, and answer with the sums of the orgs', async () => {
    await storeHistory();
    const each = await Promise.all(orgs.map((orgId) => answerUsage(database.pool, { ...question, orgId })));
    const together = await answerUsage(database.pool, question);
    const sum = (of: (answer: typeof together) => number) => each.reduce((total, one) => total + of(one), 0);
    expect(together.totals.invocations).toBe(5 * 2 * 2 * orgs.length);
    expect(together.totals.invocations).toBe(sum(({ totals }) => totals.invocations));
    expect(together.totals.inputTokens).toBe(sum(({ totals }) => totals.inputTokens));
    expect(together.series.map(({ outputTokens }) => outputTokens)).toEqual(
      together.series.map((_, index) => sum(({ series }) => series[index]?.outputTokens ?? 0)),
    );
  });

  test('have percentiles of all their values, and their models', async () => {
    await storeHistory();
    const reliability = await answerReliability(database.pool, {
      ...question,
      modelId: 'only of acme',
      percentiles: ['p50'],
    });
    expect(reliability.totals.invocations).toBe(10);
    const { rows } = await database.pool.query<{ p50: number }>(
      `select percentile_disc(0.5) within group (order by value)::float8 / 1000 as p50
       from analytics.events where model_id = 'only of acme' and occurred_at >= $1`,
      [new Date(question.range.start)],
    );
    const exact = rows[0]?.p50 ?? 0;
    expect(Math.abs((reliability.totals.latencyMs.p50 ?? 0) - exact)).toBeLessThanOrEqual(exact * 0.01);
  });

  test('are behind while a batch of any org waits', async () => {
    await storeOfEach(HOUR);
    await rollUpAll();
    await storeOfEach(HOUR);
    const { freshness } = await answerUsage(database.pool, question);
    expect(freshness.lagSeconds).toBeGreaterThan(0);
    await rollUpAll();
    const { freshness: later } = await answerUsage(database.pool, question);
    expect(later.lagSeconds).toBe(0);
    expect(later.lastRollupAt).not.toBeNull();
  });

  test('have one series for each set of equal names of the orgs, whoever their clients are', async () => {
    await storeOfEach(HOUR);
    const series = await seriesOf('*');
    expect(new Set(series.map((one) => JSON.stringify(one))).size).toBe(series.length);
    expect(series).toEqual(
      series.map((one) => expect.objectContaining({ ...(one as object), client_id: null })),
    );
  });

  test('have no stock, because a gauge of one org says nothing of another', async () => {
    await storeOfEach(HOUR);
    await rollUpAll();
    const { rows } = await database.pool.query(
      `select distinct type from analytics.rollups where org_id = '*' order by 1`,
    );
    expect(rows).toEqual([{ type: 'order' }, { type: 'order_line' }, { type: 'usage' }]);
  });

  test('are right at every grain after a rebuild', async () => {
    await storeHistory();
    await database.pool.query(`delete from analytics.rollups where org_id = '*'`);
    // On Citus, a fold with fewer rows than it wrote is refused before anything is compared.
    await database.pool.query('update analytics.folds set rows = null');
    expect((await reconcile(database.pool)).drifts.every(({ orgId }) => orgId === '*')).toBe(true);
    await rebuild(database.pool, { from: new Date(now - 12 * DAY), to: new Date(now) });
    expect(await grainsThatDiffer(database.pool)).toEqual([]);
    expect((await reconcile(database.pool)).drifts).toEqual([]);
  });
});

const onCitus = inject('extensions').includes('citus');
const upgradable = skipUnless(!onCitus, 'this migration is older than distribution by Citus');

describe('an upgrade of a database that has rollups', upgradable, () => {
  const read = async (name: string) => {
    const path = new URL(`../../src/database/migrations/${name}.sql`, import.meta.url);
    const [up = '', down = ''] = (await readFile(path, 'utf8')).split('-- Down Migration');
    return { up, down };
  };

  const migration = async () => {
    const platform = await read('0004_platform_rollups');
    // Sketches were arrays then.
    const sketches = await read('0011_sketch_bytes');
    const run = (...statements: string[]) =>
      withTransaction(database.pool, async (client) => {
        for (const statement of statements) await client.query(statement);
      });
    return {
      up: () => run(platform.up, sketches.up),
      down: () => run(sketches.down, platform.down),
    };
  };

  test('adds the numbers of all orgs at every grain, as ingestion would have', async () => {
    await storeHistory();
    const series = await seriesOf('*');
    const { up, down } = await migration();
    await down();
    const { rows } = await database.pool.query(`select from analytics.rollups where org_id = '*'`);
    expect(rows).toEqual([]);
    await up();

    expect(await grainsThatDiffer(database.pool)).toEqual([]);
    expect((await reconcile(database.pool)).drifts).toEqual([]);
    expect(await seriesOf('*')).toEqual(series);
    // New events find these series, and waiting folds are promoted into them.
    await ingestion.store(makeUsage({ orgId: 'new org', clientId: 'x', modelId: 'm', status: 'success' }));
    await rollUpAll();
    await promoteAll(database.pool, grainNamed('week'));
    for (const grain of grains) while ((await compact(database.pool, grain)) > 0);
    expect(await grainsThatDiffer(database.pool)).toEqual([]);
    expect(await seriesOf('*')).toEqual(series);
  });

  test('is refused if an org is named "*", which now means all orgs', async () => {
    const { up, down } = await migration();
    await down();
    await database.pool.query(
      `insert into analytics.series (org_id, type, series_key) values ('*', 'usage', 'k')`,
    );
    await expect(up()).rejects.toThrow('there are events of an org named "*"');
    await database.pool.query(`delete from analytics.series where org_id = '*'`);
    await up();
  });
});
