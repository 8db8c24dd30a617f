/** Every SQL query of the dashboards runs as the reader of deploy/grafana/reader.sql, with Grafana's macros filled in. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, type QueryResult, types } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { splitStatements } from '../../src/database/schema/sql-statements.ts';
import { rollUp } from '../../src/rollups/fold/roll-up.ts';
import { useDatabase } from '../support/database/database.ts';
import { usageMaker } from '../support/events/fixtures.ts';
import { useIngestion } from '../support/events/ingestion.ts';
import type { DashboardFile } from './lint.ts';

const database = useDatabase();
const { store } = useIngestion(database);
const root = join(import.meta.dirname, '../..');
const reader = `reader_${process.pid}`;
let client: Client;

/** The statements of the file, for a role of the test's own. */
function readerStatements(): string[] {
  const text = readFileSync(join(root, 'deploy/grafana/reader.sql'), 'utf8')
    // Of psql, which the test does without.
    .replace(/^ *\\.*$/gm, '')
    .replaceAll('tidemark_reader', reader)
    .replace(":'password'", "'secret'")
    .replace(':"DBNAME"', `"${new URL(database.url).pathname.slice(1)}"`);
  return splitStatements(text);
}

beforeAll(async () => {
  const make = usageMaker(3);
  await store(...Array.from({ length: 200 }, () => make({ modelId: `o'model` })), make({ orgId: 'other' }));
  while ((await rollUp(database.pool)) > 0);
  for (const statement of readerStatements()) await database.pool.query(statement);
  const url = new URL(database.url);
  url.username = reader;
  url.password = 'secret';
  client = new Client({ connectionString: url.href });
  await client.connect();
});

afterAll(async () => {
  await client?.end();
  await database.pool.query(`drop owned by ${reader}`);
  await database.pool.query(`drop role ${reader}`);
});

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** As Grafana fills in its macros and our variables. */
function filled(sql: string): string {
  const end = Date.now();
  return sql
    .replaceAll('$__timeFrom()', literal(new Date(end - 3 * 3_600_000).toISOString()))
    .replaceAll('$__timeTo()', literal(new Date(end).toISOString()))
    .replaceAll('$__interval', '1m')
    .replaceAll('${org:sqlstring}', literal('acme'))
    .replaceAll('${model:sqlstring}', `${literal("o'model")},${literal('no such model')}`);
}

interface Asked {
  dashboard: string;
  title: string;
  type: string;
  sql: string;
}

function queriesOf(name: string): Asked[] {
  const { uid, panels, templating }: DashboardFile = JSON.parse(
    readFileSync(join(root, 'dashboards', name), 'utf8'),
  );
  const ofPanels = panels.flatMap(({ title = '', type, targets = [] }) =>
    targets.flatMap(({ rawSql }) => (rawSql ? [{ dashboard: uid, title, type, sql: rawSql }] : [])),
  );
  const ofVariables = templating.list.flatMap(({ name: title, query }) =>
    typeof query === 'string' && query.startsWith('select')
      ? [{ dashboard: uid, title, type: 'variable', sql: query }]
      : [],
  );
  return [...ofPanels, ...ofVariables];
}

const queries = readdirSync(join(root, 'dashboards'))
  .filter((name) => name.endsWith('.json'))
  .flatMap(queriesOf);

function kindsOf({ fields }: QueryResult): Record<string, number> {
  return Object.fromEntries(fields.map(({ name, dataTypeID }) => [name, dataTypeID]));
}

const { TIMESTAMPTZ, FLOAT8, TEXT } = types.builtins;

describe('every query', () => {
  test('is found', () => {
    expect(queries.length).toBeGreaterThan(20);
    expect(queries.every(({ sql }) => !/\b(rollups|series|events)_?\w*\s+(r|s)\b/.test(sql))).toBe(true);
  });

  test.each(queries)('$dashboard: $title', async ({ type, sql }) => {
    const result = await client.query(filled(sql));
    expect(result.rowCount).toBeGreaterThan(0);
    if (type === 'variable' || type === 'table') return;
    const { time, metric = TEXT, ...numbers } = kindsOf(result);
    expect(time).toBe(TIMESTAMPTZ);
    expect(metric).toBe(TEXT);
    expect(Object.keys(numbers).length).toBeGreaterThan(0);
    for (const kind of Object.values(numbers)) expect(kind).toBe(FLOAT8);
  });
});

describe('the reader', () => {
  test('may run the four functions and no other function of ours', async () => {
    const { rows } = await client.query<{ name: string }>(
      `select proname as name from pg_proc
       where pronamespace = 'analytics'::regnamespace and has_function_privilege(oid, 'execute') order by 1`,
    );
    expect(rows.map(({ name }) => name)).toEqual([
      'org_freshness',
      'reliability_series',
      'usage_orgs',
      'usage_series',
    ]);
  });

  test('may read and write no table of ours', async () => {
    const { rows } = await client.query<{ name: string }>(
      `select oid::regclass::text as name from pg_class
       where relnamespace in (select oid from pg_namespace where nspname in ('analytics', 'tidemark_jobs'))
         and relkind in ('r', 'p', 'v', 'm')
         and has_table_privilege(oid, 'select, insert, update, delete, truncate, references, trigger')`,
    );
    expect(rows).toEqual([]);
  });

  test.each([
    'select * from analytics.events',
    'create table analytics.intruder ()',
    `select analytics.waiting_folds('hour')`,
  ])('is refused: %s', async (sql) => {
    await expect(client.query(sql)).rejects.toThrow(/permission denied|read-only/);
  });
});
