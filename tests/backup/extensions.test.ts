import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { createBackup } from '../../src/backup/create-backup.ts';
import { restoreBackup } from '../../src/backup/restore-backup.ts';
import { citusState } from '../../src/database/extensions/citus.ts';
import { eventStorage } from '../../src/database/extensions/timescaledb.ts';
import { createPool } from '../../src/database/pool.ts';
import { rollUp } from '../../src/rollups/fold/roll-up.ts';
import { reconcile } from '../../src/rollups/reconcile/reconcile.ts';
import { HOUR, systemClock } from '../../src/time.ts';
import { useDirectories } from '../support/database/data-directory.ts';
import { useDatabase } from '../support/database/database.ts';
import { usageMaker } from '../support/events/fixtures.ts';
import { silentLog } from '../support/events/ingestion.ts';
import { createExtensions, type Extension } from '../support/set-up/extensions.ts';
import { skipUnless } from '../support/skip-unless.ts';
import { emptyDatabase, storedState, whileIngesting } from './stored-state.ts';

const newDirectory = useDirectories();
const makeUsage = usageMaker(7);

const needed: Record<Extension, string> = {
  citus: 'needs Citus: TEST_DATABASE_URL of a server that has it loaded',
  timescaledb: 'needs TimescaleDB: TEST_DATABASE_URL of a server that has it loaded',
};

describe.for(['citus', 'timescaledb'] as const)('a round trip on %s', (extension) => {
  describe(
    'from a database with it',
    skipUnless(inject('extensions').includes(extension), needed[extension]),
    () => {
      const database = useDatabase();

      test.for([true, false])('into one with it: %s', async (withExtension) => {
        await whileIngesting(database.pool, async (store) => {
          const occurredAt = new Date(Date.now() - HOUR).toISOString();
          await store(...Array.from({ length: 200 }, () => makeUsage({ occurredAt })));
          await rollUp(database.pool);
        });
        const file = join(await newDirectory(), 'a.backup');
        await createBackup(database.pool, file, { clock: systemClock });
        const url = await emptyDatabase();
        if (withExtension) await createExtensions(url);
        const pool = createPool({
          connectionString: url,
          max: 2,
          applicationName: 'test of a restore',
          statementTimeoutMs: 0,
          onError: () => {},
        });
        try {
          await restoreBackup(pool, file, { replace: false, log: silentLog });
          expect((await reconcile(pool)).drifts).toEqual([]);
          expect((await storedState(pool)).state).toEqual((await storedState(database.pool)).state);
          if (extension === 'citus')
            expect(await citusState(pool)).toBe(withExtension ? 'distributed' : 'absent');
          else expect(await eventStorage(pool)).toBe(withExtension ? 'hypertable' : 'partitions');
        } finally {
          await pool.end();
        }
      });
    },
  );
});
