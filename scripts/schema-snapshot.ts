/**
 * Writes src/database/schema/schema.sql: the schema after all migrations, for readers and reviews. `--check` only
 * compares the file. It needs nothing but the embedded PostgreSQL.
 */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbedded } from '../src/database/embedded/open-embedded.ts';
import { createPool } from '../src/database/pool.ts';
import { migrate } from '../src/database/schema/migrate.ts';
import { schemaText } from '../src/database/schema/schema-text.ts';

const file = join(import.meta.dirname, '../src/database/schema/schema.sql');
const log = { debug: () => {}, info: () => {}, warn: console.warn };

async function migratedSchema(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tidemark-schema-'));
  // As root, PostgreSQL runs as another account, which must be able to enter.
  await chmod(dataDir, 0o755);
  const database = await openEmbedded({ dataDir, log, mode: 'join', settings: { fsync: 'off' } });
  try {
    const { connectionString } = database;
    await migrate(connectionString, { log, direction: 'up' });
    const pool = createPool({
      connectionString,
      max: 1,
      applicationName: 'schema snapshot',
      statementTimeoutMs: 0,
      onError: () => {},
    });
    return await schemaText(pool).finally(() => pool.end());
  } finally {
    await database.stop();
    await rm(database.location, { recursive: true, force: true });
    await rm(dataDir, { recursive: true, force: true });
  }
}

const text = `-- The schema after all migrations. \`npm run schema\` writes this file. To change it, add a migration.\n\n${await migratedSchema()}`;
if (!process.argv.includes('--check')) {
  await writeFile(file, text);
} else if ((await readFile(file, 'utf8').catch(() => '')) !== text) {
  console.error('src/database/schema/schema.sql is out of date; run npm run schema');
  process.exitCode = 1;
}
