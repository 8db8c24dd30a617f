import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { schemaText } from '../../src/database/schema/schema-text.ts';
import { useDatabase } from '../support/database/database.ts';
import { skipUnless } from '../support/skip-unless.ts';

const database = useDatabase();
const snapshot = join(import.meta.dirname, '../../src/database/schema/schema.sql');

const partitioned = skipUnless(
  !inject('extensions').includes('timescaledb'),
  'raw events are a hypertable, which is not what the snapshot shows',
);

test('the migrations make the schema of the snapshot on this PostgreSQL too', partitioned, async () => {
  const text = await readFile(snapshot, 'utf8');
  // Skips the first paragraph, which says what the file is.
  expect(await schemaText(database.pool)).toBe(text.slice(text.indexOf('\n\n') + 2));
});
