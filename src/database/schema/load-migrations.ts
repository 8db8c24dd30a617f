import { readFile } from 'node:fs/promises';
import type { MigrationBuilder } from 'node-pg-migrate';
import { splitStatements } from './sql-statements.ts';

type Direction = 'Up' | 'Down';

function partOf(text: string, direction: Direction): string {
  const [, after = ''] = text.split(`-- ${direction} Migration\n`);
  return after.split(/^-- (?:Up|Down) Migration$/m)[0] ?? '';
}

/** The statements of the text of a migration file, in one direction. */
export function statementsOf(text: string, direction: Direction): string[] {
  return splitStatements(partOf(text, direction));
}

function runStatements(text: string, direction: Direction) {
  return (migration: MigrationBuilder) => {
    for (const statement of statementsOf(text, direction)) migration.sql(statement);
  };
}

/** Reads migration files. Statements are sent one by one, because Citus accepts no batches of table changes. */
export function loadMigrations(paths: string[]) {
  return Promise.all(
    paths.map(async (path) => {
      const text = await readFile(path, 'utf8');
      return {
        id: path,
        filePaths: [path],
        actions: { up: runStatements(text, 'Up'), down: runStatements(text, 'Down') },
      };
    }),
  );
}
