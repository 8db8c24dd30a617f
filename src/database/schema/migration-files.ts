import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Queryable } from '../pool.ts';
import { statementsOf } from './load-migrations.ts';

/** The directory of the files of this release. */
export const ourMigrations = join(dirname(fileURLToPath(import.meta.url)), '../migrations');

/** The names of all migrations, in their order. */
export async function migrationNames(directory = ourMigrations): Promise<string[]> {
  const files = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort();
  return files.map((file) => basename(file, '.sql'));
}

/** Creates the schema and the table of migrations. The library would create the table with a time without zone. */
export async function prepareSchema(client: Queryable): Promise<void> {
  await client.query('create schema if not exists analytics');
  await client.query(
    `create table if not exists analytics.migrations (
       id integer generated always as identity primary key,
       name text not null unique,
       run_on timestamptz not null
     )`,
  );
}

/**
 * Runs migrations in the transaction of the client, without recording them: for a restore, which brings the rows of
 * `analytics.migrations` with it. Statements go one by one, because Citus accepts no batches of table changes.
 *
 * @throws the database's error; the transaction is then to be rolled back
 */
export async function runMigrationsUnrecorded(client: Queryable, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const text = await readFile(join(ourMigrations, `${name}.sql`), 'utf8');
    for (const statement of statementsOf(text, 'Up')) await client.query(statement);
  }
}
