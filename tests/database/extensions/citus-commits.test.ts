import { describe, expect, inject, test } from 'vitest';
import { withTransaction } from '../../../src/database/pool.ts';
import { orgFreshness } from '../../../src/queries/reading/freshness.ts';
import { createFreshnessCache } from '../../../src/queries/reading/freshness-cache.ts';
import { rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { announceCommit } from '../../../src/rollups/folds.ts';
import { rebuild } from '../../../src/rollups/remake/rebuild.ts';
import { batchesStoredUpTo, foldsWrittenUpTo } from '../../../src/rollups/stored-up-to.ts';
import { HOUR, sleep } from '../../../src/time.ts';
import { useDatabase } from '../../support/database/database.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { useIngestion } from '../../support/events/ingestion.ts';
import { skipUnless } from '../../support/skip-unless.ts';

const needsCitus = skipUnless(
  inject('extensions').includes('citus'),
  'needs Citus: TEST_DATABASE_URL of a server that has it loaded',
);

describe('on Citus, while nodes may lack what the coordinator shows', needsCitus, () => {
  const database = useDatabase();
  const ingestion = useIngestion(database);
  const ask = () => orgFreshness(database.pool, createFreshnessCache({ redis: undefined, ttl: 0 }), 'acme');

  test('a question waits until a roll-up is committed, and is refused when that takes long', async () => {
    let answered = false;
    const asked = await withTransaction(database.pool, async (client) => {
      await announceCommit(client);
      const asked = ask().then(() => {
        answered = true;
      });
      await sleep(300);
      expect(answered).toBe(false);
      return { asked };
    });
    await asked.asked;
    await withTransaction(database.pool, async (client) => {
      await announceCommit(client);
      await expect(ask()).rejects.toMatchObject({ code: 'unavailable' });
    });
  });

  test('what is stored and written so far is known, and others go on at once', async () => {
    await ingestion.store(makeUsage({ orgId: 'acme' }));
    await rollUp(database.pool);
    await withTransaction(database.pool, async (client) => {
      const [batch, fold] = [await batchesStoredUpTo(client), await foldsWrittenUpTo(client)];
      await ingestion.store(makeUsage({ orgId: 'acme' }));
      await rollUp(database.pool);
      const { rows } = await client.query(
        `select (select max(batch_id) from analytics.ingestion_batches) as batch,
           (select max(fold_id) from analytics.folds) as fold`,
      );
      expect(rows).toEqual([{ batch: (batch ?? 0) + 1, fold: (fold ?? 0) + 1 }]);
    });
  });

  test('a rebuild is refused while rows of a fold cannot be found', async () => {
    const range = { from: new Date(Date.now() - HOUR), to: new Date() };
    await rebuild(database.pool, range);
    await ingestion.store(makeUsage({ orgId: 'acme' }));
    await rollUp(database.pool);
    const { rows } = await database.pool.query<{ id: number }>(
      'select max(fold_id) as id from analytics.folds',
    );
    await database.pool.query(`delete from analytics.rollups where fold_id = $1 and org_id = '*'`, [
      rows[0]?.id,
    ]);
    await expect(rebuild(database.pool, range)).rejects.toMatchObject({ code: 'unavailable' });
  });
});
