/** Any question is fast from the first second after an import or a promotion, before autovacuum has gathered statistics. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { firstQuestions } from '../../../bench/support/first-look/questions.ts';
import { yearOfEvents } from '../../../bench/support/first-look/year-of-events.ts';
import { promoteAll, rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { coarsestGrain, finestGrain, grains } from '../../../src/rollups/grains.ts';
import { compact } from '../../../src/rollups/upkeep/compact.ts';
import { useService } from '../../support/service/service.ts';
import { explainStatements } from './explained-statements.ts';

/** The most rows that a step of a plan looks at, of those that it needs. */
const MOST = 1.5;

const explained = explainStatements();
const service = useService();
const now = Date.now();

beforeAll(async () => {
  const { pool } = service.database;
  const { rows } = await pool.query<{ name: string }>(
    `select relname as name from pg_class
     where relnamespace = 'analytics'::regnamespace and relkind = 'r' and relname <> 'events'`,
  );
  for (const { name } of rows)
    await pool.query(`alter table analytics.${name} set (autovacuum_enabled = false)`);
});

afterAll(() => explained.stop());

/** Imports a year of an org, as one fold. */
async function importYear(orgId: string, orders: number): Promise<void> {
  const size = { orders, usage: 2 * orders, requests: 2 * orders, jobs: orders, visits: 2 * orders };
  const events = yearOfEvents(orgId, size, now);
  for (let at = 0; at < events.length; at += 4_000) {
    const body = events.slice(at, at + 4_000);
    const { json } = await service.call('/analytics/v1/events', { body });
    expect(json).toMatchObject({ stored: body.length });
  }
  while ((await rollUp(service.database.pool)) > 0);
}

/** The most rollups of a type at one grain of an org, and its series; or all series, as a small table is read as a whole. */
async function rowsNeeded(orgId: string): Promise<number> {
  const { rows } = await service.database.pool.query<{ needed: number }>(
    `select greatest((select count(*) from analytics.series), (
       select count(*) from analytics.series where org_id = $1) + (
       select max(n) from (
         select count(*) as n from analytics.rollups where org_id = $1 group by type, grain) as t)) as needed`,
    [orgId],
  );
  return rows[0]?.needed ?? 0;
}

async function expectFewRows(orgId: string): Promise<void> {
  const ofOrg = await rowsNeeded(orgId);
  const ofAll = await rowsNeeded('*');
  const wasteful: string[] = [];
  let explainedStatements = 0;
  for (const path of firstQuestions(orgId, now)) {
    explained.taken();
    const needed = path.includes(orgId) ? ofOrg : ofAll;
    const { status, text } = await service.call(path);
    expect({ path, status, text }).toMatchObject({ path, status: 200 });
    const statements = explained.taken();
    explainedStatements += statements.length;
    for (const { most, node } of statements)
      if (most > MOST * needed) wasteful.push(`${most} rows of ${needed} by ${node}: ${path}`);
  }
  expect(wasteful).toEqual([]);
  // The dashboard may answer from its cache.
  expect(explainedStatements).toBeGreaterThan(firstQuestions(orgId, now).length);
}

/** The tables of rollups whose columns PostgreSQL has statistics of. */
async function withStatistics(): Promise<string[]> {
  const { rows } = await service.database.pool.query<{ name: string }>(
    `select tablename as name from pg_stats where schemaname = 'analytics' and tablename like 'rollups\\_%'
       and attname = 'bucket_start' order by 1`,
  );
  return rows.map(({ name }) => name);
}

describe('no plan reads many more rows than it needs', () => {
  test('right after a year is imported', async () => {
    await importYear('acme', 1_200);
    expect(await withStatistics()).toEqual(['rollups_minute']);
    await expectFewRows('acme');
  }, 120_000);

  test('right after it is promoted', async () => {
    await promoteAll(service.database.pool, coarsestGrain);
    expect(await withStatistics()).toEqual(grains.map(({ name }) => `rollups_${name}`).sort());
    await expectFewRows('acme');
  }, 120_000);

  test('when it is compacted', async () => {
    explained.taken();
    expect(await compact(service.database.pool, finestGrain)).toBeGreaterThan(0);
    const all = await service.database.pool.query('select count(*) as n from analytics.rollups_minute');
    const statements = explained.taken();
    expect(statements).toHaveLength(1);
    for (const { most } of statements) expect(most).toBeLessThan(2 * all.rows[0].n);
  });

  test('of an org that the statistics do not know yet', async () => {
    await importYear('beta', 150);
    await expectFewRows('beta');
    await promoteAll(service.database.pool, coarsestGrain);
    await expectFewRows('beta');
  }, 120_000);
});
