import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { tablePlacement } from '../../../src/database/extensions/table-placement.ts';
import { isConsumed } from '../../../src/rollups/folds.ts';
import { useDatabase } from '../../support/database/database.ts';

const database = useDatabase();

test('every table has a placement on a cluster', async () => {
  const { rows } = await database.pool.query<{ name: string }>(
    `select relname as name from pg_class
     where relnamespace = 'analytics'::regnamespace and relkind in ('r', 'p') and not relispartition`,
  );
  expect(Object.keys(tablePlacement).sort()).toEqual(rows.map(({ name }) => name).sort());
});

test('a table distributed by org has an org, which every unique index contains', async () => {
  const { rows } = await database.pool.query<{ name: string; has_org: boolean; without_org: string[] }>(
    `select relname as name,
       exists (select 1 from pg_attribute where attrelid = c.oid and attname = 'org_id' and attnotnull) as has_org,
       array(
         select i.indexrelid::regclass::text from pg_index i
         where i.indrelid = c.oid and i.indisunique and not exists (
           select 1 from pg_attribute a
           where a.attrelid = c.oid and a.attname = 'org_id' and a.attnum = any(i.indkey))
       ) as without_org
     from pg_class c
     where relnamespace = 'analytics'::regnamespace and relname = any($1)
     order by 1`,
    [Object.keys(tablePlacement).filter((name) => tablePlacement[name] === 'org')],
  );
  expect(rows.length).toBeGreaterThan(5);
  expect(rows.filter(({ has_org, without_org }) => !has_org || without_org.length > 0)).toEqual([]);
});

const sources = new URL('../../../src/', import.meta.url).pathname;

test('no statement reads a table on the nodes without a column, which Citus refuses in a query of its own', async () => {
  const onNodes = Object.keys(tablePlacement).filter((name) => tablePlacement[name] !== 'coordinator');
  const withoutColumn = new RegExp(`\\bselect from analytics\\.(${onNodes.join('|')})\\b`);
  const found: string[] = [];
  for (const path of await readdir(sources, { recursive: true }))
    if (path.endsWith('.ts') && withoutColumn.test(await readFile(`${sources}${path}`, 'utf8')))
      found.push(path);
  expect(found).toEqual([]);
});

test('the waiting folds are in no CASE or COALESCE, which Citus refuses in a removal', () => {
  expect(isConsumed('fold_id', 7)).not.toMatch(/case|coalesce/i);
});
