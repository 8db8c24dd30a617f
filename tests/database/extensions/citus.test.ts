import { escapeLiteral, type Pool, type PoolClient } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Placement, tablePlacement } from '../../../src/database/extensions/table-placement.ts';
import { createPool, withTransaction } from '../../../src/database/pool.ts';
import { answerCollections } from '../../../src/queries/business/collections.ts';
import { answerBusinessOverview } from '../../../src/queries/business/overview.ts';
import { answerRoutes } from '../../../src/queries/health/api.ts';
import { answerMlOverview } from '../../../src/queries/ml/ml.ts';
import { answerReliability } from '../../../src/queries/models/reliability.ts';
import { answerUsage } from '../../../src/queries/models/usage.ts';
import { orgFreshness } from '../../../src/queries/reading/freshness.ts';
import { createFreshnessCache } from '../../../src/queries/reading/freshness-cache.ts';
import { promote, rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { grains } from '../../../src/rollups/grains.ts';
import { reconcile } from '../../../src/rollups/reconcile/reconcile.ts';
import { compact } from '../../../src/rollups/upkeep/compact.ts';
import { removeRollups } from '../../../src/rollups/upkeep/remove-rollups.ts';
import { applyRetention } from '../../../src/rollups/upkeep/retention.ts';
import { DAY, HOUR, SECOND } from '../../../src/time.ts';
import { grainsThatDiffer } from '../../support/answers/rollup-totals.ts';
import { useDatabase } from '../../support/database/database.ts';
import { useUndecidedDatabase } from '../../support/database/undecided-database.ts';
import { usageMaker } from '../../support/events/fixtures.ts';
import { silentLog, useIngestion } from '../../support/events/ingestion.ts';
import { runCommand } from '../../support/service/run-command.ts';
import { skipUnless } from '../../support/skip-unless.ts';

const needsCitus = skipUnless(
  inject('extensions').includes('citus'),
  'needs Citus: TEST_DATABASE_URL of a server that has it loaded',
);

const noon = Date.UTC(2026, 10, 18, 12);
const makeUsage = usageMaker(9, noon);
const orgs = ['acme', 'globex', 'initech', 'umbrella', 'hooli', 'stark', 'wayne'];

function usageOf(orgId: string, hoursAgo = 1) {
  return makeUsage({ orgId, occurredAt: new Date(noon - hoursAgo * HOUR).toISOString() });
}

interface Statement {
  text: string;
  values: unknown[];
}

/** Records the statements of a pool, so that they can be explained afterwards. */
function recordStatements(pool: Pool): Statement[] {
  const statements: Statement[] = [];
  pool.on('connect', (client: PoolClient) => {
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    client.query = ((...args: unknown[]) => {
      const [text, values] = args;
      if (typeof text === 'string') {
        statements.push({ text, values: Array.isArray(values) ? values : [] });
      }
      return query(...args);
    }) as typeof client.query;
  });
  return statements;
}

function literalOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (value instanceof Date) return escapeLiteral(value.toISOString());
  if (Array.isArray(value))
    return escapeLiteral(
      `{${value.map((item) => (item instanceof Date ? item.toISOString() : String(item))).join()}}`,
    );
  return escapeLiteral(String(value));
}

describe('tables on Citus', needsCitus, () => {
  const database = useDatabase();
  const ingestion = useIngestion(database, { now: () => noon });
  let pool: Pool;
  let statements: Statement[] = [];
  beforeAll(() => {
    pool = createPool({
      connectionString: database.url,
      max: 1,
      applicationName: 'tidemark-test',
      statementTimeoutMs: 60 * SECOND,
      onError: () => {},
    });
    statements = recordStatements(pool);
  });
  afterAll(() => pool.end());

  const explain = ({ text, values }: Statement, settings: readonly string[]): Promise<string> =>
    withTransaction(database.pool, async (client) => {
      for (const setting of settings) await client.query(setting);
      // Citus explains an insert with a common table expression only if it knows the values.
      const literals = values.map(literalOf);
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(
        `explain (costs off) ${text.replaceAll(/\$(\d+)/g, (_, position) => literals[position - 1] ?? '')}`,
      );
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    });
  /** Runs the work, and prints the plan of the one statement that matters. */
  const planOf = async (what: string, like: RegExp, work: () => Promise<unknown>): Promise<string> => {
    statements.length = 0;
    await work();
    const at = statements.findIndex(({ text }) => like.test(text));
    const [found] = statements.slice(at, at + 1);
    if (at < 0 || !found) throw new Error(`nothing was asked that is like ${like}`);
    const begun = statements.slice(0, at).map(({ text }) => text);
    const settings = begun
      .slice(begun.lastIndexOf('begin') + 1)
      .filter((text) => text.startsWith('set local'));
    const plan = await explain(found, settings);
    console.log(`${what}:\n${plan}`);
    return plan;
  };
  const shards = async (): Promise<number> => {
    const { rows } = await database.pool.query<{ shards: number }>(
      `select count(*) as shards from pg_dist_shard where logicalrelid = 'analytics.series'::regclass`,
    );
    return rows[0]?.shards ?? 0;
  };

  test('are distributed side by side or stay on the coordinator, as `tablePlacement` says', async () => {
    const { rows } = await database.pool.query<{ name: string; column: string; group: number }>(
      `select c.relname as name, column_to_column_name(logicalrelid, partkey) as "column", colocationid as "group"
       from pg_dist_partition join pg_class c on c.oid = logicalrelid
       where relnamespace = 'analytics'::regnamespace and not relispartition and partmethod = 'h'`,
    );
    const placed = (place: Placement) =>
      Object.keys(tablePlacement)
        .filter((name) => tablePlacement[name] === place)
        .sort();
    expect(rows.map(({ name }) => name).sort()).toEqual(placed('org'));
    expect(new Set(rows.map(({ column }) => column))).toEqual(new Set(['org_id']));
    expect(new Set(rows.map(({ group }) => group)).size).toBe(1);
    const others = await database.pool.query<{ name: string }>(
      `select relname as name from pg_dist_partition join pg_class c on c.oid = logicalrelid
       where partmethod <> 'h' order by 1`,
    );
    expect(others.rows.map(({ name }) => name)).toEqual(placed('everywhere'));
  });

  test('store every event once, whatever its org', async () => {
    const events = orgs.flatMap((org) => Array.from({ length: 30 }, (_, index) => usageOf(org, index % 5)));
    expect(await ingestion.store(...events)).toMatchObject({ stored: 210 });
    expect(await ingestion.store(...events)).toMatchObject({ stored: 0, duplicates: 210 });
    const mixed = [...events.slice(0, 10), ...orgs.map((org) => usageOf(org, 3 * 24))];
    expect(await ingestion.store(...mixed)).toMatchObject({ stored: 7, duplicates: 10 });
    const changed = { ...(events[0] ?? usageOf('acme')), latencyMs: 1 };
    expect(await ingestion.store(changed)).toMatchObject({ stored: 0, conflicts: 1 });
    const { rows } = await database.pool.query('select count(*) from analytics.events');
    expect(rows).toEqual([{ count: 217 }]);
  });

  test('get the partition of a new day on every node', async () => {
    const { rows } = await database.pool.query<{ distributed: number; partitions: number }>(
      `select count(d.logicalrelid) as distributed, count(*) as partitions
       from pg_inherits left join pg_dist_partition d on logicalrelid = inhrelid
       where inhparent = 'analytics.events'::regclass`,
    );
    expect(rows[0]?.partitions).toBeGreaterThan(1);
    expect(rows[0]?.distributed).toBe(rows[0]?.partitions);
  });

  test('are folded on the node of the events', async () => {
    const plan = await planOf('a fold', /insert into analytics\.rollups [\s\S]*from analytics\.events/, () =>
      rollUp(pool),
    );
    expect(plan).toContain(`Task Count: ${await shards()}`);
    // Otherwise rows of events or rollups would travel.
    expect(plan).not.toMatch(/INSERT \.\.\. SELECT|Distributed Subplan/);
    expect(await grainsThatDiffer(database.pool)).toEqual([]);
  });

  test('hold the numbers of all orgs together, on another node', async () => {
    await ingestion.store(...orgs.map((org) => usageOf(org)));
    const plan = await planOf('all orgs together', /'\*' as org_id/, () => rollUp(pool));
    expect(plan).toContain('Citus INSERT ... SELECT');
    expect(await grainsThatDiffer(database.pool)).toEqual([]);
  });

  test('are promoted to coarser grains on their node', async () => {
    const [, quarterHour] = grains;
    if (!quarterHour) throw new Error('there is no second grain');
    const plan = await planOf('a promotion', /with partial as/, () => promote(pool, quarterHour));
    expect(plan).toContain(`Task Count: ${await shards()}`);
    // Rows are merged on their node. The merged rows travel through files, from each node by itself.
    expect(plan).not.toMatch(/pull to coordinator|Distributed Subplan/);
    for (const grain of grains.slice(2)) await promote(pool, grain);
    await rollUp(pool);
    for (const grain of grains) while ((await compact(pool, grain)) > 0);
    expect(await grainsThatDiffer(database.pool)).toEqual([]);
  });

  const question = {
    orgId: 'acme',
    range: { start: noon - 4 * DAY, end: noon },
    granularity: 'hour',
    timezone: 'Asia/Kathmandu',
    modelId: undefined,
    groupBy: 'model',
    compare: undefined,
    now: noon,
  } as const;

  const everyRoute = {
    groupBy: undefined,
    route: undefined,
    method: undefined,
    sort: 'worst',
    order: 'desc',
    limit: 5,
    offset: 0,
  } as const;

  test.for([
    ['usage', /with rows as/, (asked: Pool) => answerUsage(asked, question)],
    [
      'usage of all orgs together',
      /with rows as/,
      (asked: Pool) => answerUsage(asked, { ...question, orgId: '*' }),
    ],
    [
      'reliability',
      /with rows as/,
      (asked: Pool) => answerReliability(asked, { ...question, percentiles: ['p95'] }),
    ],
    ['ML jobs', /with rows as/, (asked: Pool) => answerMlOverview(asked, question)],
    [
      'requests by route',
      /with rows as/,
      (asked: Pool) => answerRoutes(asked, { ...question, ...everyRoute }),
    ],
    [
      'customers',
      /from analytics\.customer_orders/,
      (asked: Pool) => answerBusinessOverview(asked, question),
    ],
    ['names of products', /from analytics\.products/, (asked: Pool) => answerCollections(asked, question)],
    [
      'freshness',
      /group by model_id/,
      (asked: Pool) => orgFreshness(asked, createFreshnessCache({ redis: undefined, ttl: 0 }), 'acme'),
    ],
  ] as const)('answer a query about %s on the one node of the org', async ([what, like, ask]) => {
    const plan = await planOf(what, like, () => ask(pool));
    expect(plan).toContain('Task Count: 1');
    expect(plan).not.toContain('Distributed Subplan');
    expect(plan.match(/Custom Scan \(Citus/g)).toHaveLength(1);
  });

  test('are reconciled with raw events on their node', async () => {
    const { rows, drifts } = await reconcile(pool);
    expect({ rows, drifts }).toEqual({ rows: 224, drifts: [] });
  });

  test('are searched for old rollups by the index of each node', async () => {
    const plan = await planOf('old rollups', /select min\(r\.bucket_start\)/, () =>
      removeRollups({ pool, log: silentLog, now: noon }),
    );
    expect(plan).toContain(`Task Count: ${await shards()}`);
    expect(plan).toMatch(/Index Scan (on|using) rollups_minute_bucket/);
    expect(plan).not.toContain('Seq Scan');
  });

  test('forget ids by generation, and place the new generation beside the others', async () => {
    const known = usageOf('acme');
    await ingestion.store(known);
    const later = noon + 40 * DAY;
    await applyRetention({ pool, log: silentLog, rawRetention: 90 * DAY, dedupWindow: 32 * DAY, now: later });
    expect(await ingestion.store(known)).toMatchObject({ duplicates: 1 });
    const { rows } = await database.pool.query(
      `select count(distinct colocationid) as groups, count(*) as tables from pg_dist_partition
       where logicalrelid in ('analytics.event_keys'::regclass, 'analytics.event_keys_previous'::regclass)`,
    );
    expect(rows).toEqual([{ groups: 1, tables: 2 }]);
  });
});

describe('a database with data that gets Citus later', needsCitus, () => {
  const database = useUndecidedDatabase();
  const ingestion = useIngestion(database, { now: () => noon });

  test('stays as it is until the distribute command', async () => {
    await ingestion.store(...orgs.map((org) => usageOf(org)));
    await rollUp(database.pool);
    await database.addExtensions();
    expect(await database.migrate()).toEqual([
      'Citus is installed, but the tables are not distributed; run npx tidemark citus distribute',
    ]);
    expect(await ingestion.store(usageOf('acme'))).toMatchObject({ stored: 1 });
  });

  // Runs two commands, each of which starts a process.
  test('keeps every event and number through distribute, and goes on', { timeout: 240_000 }, async () => {
    const done = await runCommand(['citus', 'distribute'], { DATABASE_URL: database.url });
    expect(done).toMatchObject({ code: 0, output: expect.stringContaining('distributed  events') });
    expect(await ingestion.store(usageOf('globex'))).toMatchObject({ stored: 1 });
    while ((await rollUp(database.pool)) > 0);
    expect(await reconcile(database.pool)).toMatchObject({ rows: 9, drifts: [] });
    expect(await grainsThatDiffer(database.pool)).toEqual([]);
    const again = await runCommand(['citus', 'distribute'], { DATABASE_URL: database.url });
    expect(again).toMatchObject({ code: 0, output: expect.stringContaining('nothing to do') });
  });
});
