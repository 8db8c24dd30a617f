import { expect, test } from 'vitest';
import { summarizeEvents } from '../../src/rollups/upkeep/summarize-events.ts';
import { useDatabase } from '../support/database/database.ts';
import { usageMaker } from '../support/events/fixtures.ts';
import { silentLog, useIngestion } from '../support/events/ingestion.ts';

const database = useDatabase();
const ingestion = useIngestion(database);

const makeUsage = usageMaker(1, Date.now());

function summarize(): Promise<number> {
  return summarizeEvents({ pool: database.pool, log: silentLog });
}

/** More rows than the pages of one entry hold. */
async function storePages(): Promise<void> {
  for (let batch = 0; batch < 3; batch++)
    await ingestion.store(...Array.from({ length: 4_000 }, () => makeUsage({ orgId: 'a' })));
}

test('the index of times takes in new pages, once', async () => {
  await storePages();
  expect(await summarize()).toBeGreaterThan(0);
  expect(await summarize()).toBe(0);
});

test('a partition that something else holds is left for the next run', async () => {
  await storePages();
  const client = await database.pool.connect();
  try {
    await client.query('begin; lock table analytics.events in share mode');
    expect(await summarize()).toBe(0);
  } finally {
    await client.query('rollback');
    client.release();
  }
  expect(await summarize()).toBeGreaterThan(0);
});
