import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from '../pool.ts';
import { statementsOf } from './load-migrations.ts';
import { ourMigrations } from './migration-files.ts';

/** What is lost when a migration is taken back: a table, a column, or some rows of a table. */
export interface Loss {
  migration: string;
  what: string;
  /** Rows of the table, or values of the column; of a deletion, the rows that the table has. */
  rows: number;
}

const DROPPED_TABLE = /^drop table (?:if exists )?analytics\.(\w+)/i;
const CHANGED_TABLE = /^alter table (?:only )?analytics\.(\w+)/i;
const DROPPED_COLUMN = /drop column (?:if exists )?(\w+)/gi;
const DELETED_ROWS = /^delete from analytics\.(\w+)/i;

/** The migrations that `migrate down` would take back, the latest first. */
export async function latestMigrations(database: Database, count: number): Promise<string[]> {
  const { rows } = await database.query<{ name: string }>(
    'select name from analytics.migrations order by id desc limit $1',
    [count],
  );
  return rows.map(({ name }) => name);
}

/** What would be lost, read from the way back of each migration. Migrations of a newer release are left out. */
export async function lossesOf(database: Database, migrations: readonly string[]): Promise<Loss[]> {
  const losses: Loss[] = [];
  for (const migration of migrations) {
    const text = await readFile(join(ourMigrations, `${migration}.sql`), 'utf8').catch(() => '');
    for (const statement of statementsOf(text, 'Down'))
      for (const { what, count } of lostBy(statement.replace(/^(\s*--[^\n]*\n)+/, '').trim()))
        losses.push({ migration, what, rows: await rowsOf(database, count) });
  }
  return losses;
}

/** The losses of a statement, each with a query that counts them. */
function lostBy(statement: string): { what: string; count: string }[] {
  const table = DROPPED_TABLE.exec(statement)?.[1];
  if (table) return [{ what: `table ${table}`, count: `select count(*) as rows from analytics.${table}` }];
  const deleted = DELETED_ROWS.exec(statement)?.[1];
  if (deleted)
    return [
      { what: `rows of ${deleted}`, count: `select count(*) as rows ${statement.replace(/^delete /i, '')}` },
    ];
  const changed = CHANGED_TABLE.exec(statement)?.[1];
  if (!changed) return [];
  return [...statement.matchAll(DROPPED_COLUMN)].map(([, column = '']) => ({
    what: `column ${changed}.${column}`,
    count: `select count(${column}) as rows from analytics.${changed}`,
  }));
}

/** A table that an earlier statement makes does not exist yet. Nothing of it can be lost. */
async function rowsOf(database: Database, count: string): Promise<number> {
  const { rows } = await database.query<{ rows: number }>(count).catch(() => ({ rows: [] }));
  return rows[0]?.rows ?? 0;
}
