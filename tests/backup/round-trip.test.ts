import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { createBackup } from '../../src/backup/create-backup.ts';
import { restoreBackup } from '../../src/backup/restore-backup.ts';
import { openEmbedded } from '../../src/database/embedded/open-embedded.ts';
import { tablePlacement } from '../../src/database/extensions/table-placement.ts';
import { withTransaction } from '../../src/database/pool.ts';
import { promoteAll, rollUp } from '../../src/rollups/fold/roll-up.ts';
import { finestGrain } from '../../src/rollups/grains.ts';
import { reconcile } from '../../src/rollups/reconcile/reconcile.ts';
import { HOUR, systemClock } from '../../src/time.ts';
import { useDirectories } from '../support/database/data-directory.ts';
import { useDatabase } from '../support/database/database.ts';
import { withPool } from '../support/database/pools.ts';
import { AWKWARD, sampleEvents } from '../support/events/event-samples.ts';
import { usageMaker } from '../support/events/fixtures.ts';
import { silentLog } from '../support/events/ingestion.ts';
import { runCommand } from '../support/service/run-command.ts';
import { addOtherRows, emptyDatabase, storedState, whileIngesting } from './stored-state.ts';

const database = useDatabase();
const newDirectory = useDirectories();
const makeUsage = usageMaker(5);

function usages(count: number, hoursAgo: number) {
  const occurredAt = new Date(Date.now() - hoursAgo * HOUR).toISOString();
  return Array.from({ length: count }, () => makeUsage({ occurredAt }));
}

/** Opens the embedded database of a directory for a moment. */
async function withEmbedded<T>(dataDir: string, use: (pool: Pool) => Promise<T>): Promise<T> {
  const embedded = await openEmbedded({ dataDir, log: silentLog, mode: 'join' });
  try {
    return await withPool(embedded.connectionString, use);
  } finally {
    await embedded.stop();
  }
}

beforeAll(async () => {
  await whileIngesting(database.pool, async (store) => {
    await store(...Object.values(sampleEvents(new Date(Date.now() - 30 * HOUR).toISOString())));
    await store(...usages(200, 50));
    await rollUp(database.pool);
    await promoteAll(database.pool, finestGrain);
    // These still wait for their roll-up.
    await store(...usages(20, 1));
  });
  await addOtherRows(database.pool, AWKWARD);
});

describe('a backup', () => {
  test('has every table of the schema but those of sign-ins, and only its owner may read the file', async () => {
    const file = join(await newDirectory(), 'a.backup');
    const { tables, leftOut, bytes } = await createBackup(database.pool, file, { clock: systemClock });
    // A restore must not bring sessions back that were ended since.
    const signedIn = ['login_codes', 'login_sessions'];
    const kept = Object.keys(tablePlacement).filter((table) => !signedIn.includes(table));
    expect(tables.map(({ table }) => table).sort()).toEqual(kept.sort());
    expect(leftOut).toEqual([]);
    expect(tables.find(({ table }) => table === 'events')?.rows).toBeGreaterThan(220);
    expect(await stat(file)).toMatchObject({ size: bytes });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test('leaves out a table that is not of Tidemark, and says so', async () => {
    await database.pool.query('create table analytics.notes (text text)');
    const file = join(await newDirectory(), 'a.backup');
    const { leftOut } = await createBackup(database.pool, file, { clock: systemClock });
    await database.pool.query('drop table analytics.notes');
    expect(leftOut).toEqual(['notes']);
    await withPool(await emptyDatabase(), async (pool) => {
      await restoreBackup(pool, file, { replace: false, log: silentLog });
    });
  });

  test('keeps the tables that retention drops, until it has read them', async () => {
    const file = join(await newDirectory(), 'a.backup');
    const lock = (table: string) =>
      withTransaction(database.pool, (client) =>
        client.query(`lock table analytics.${table} in access exclusive mode nowait`),
      ).then(
        () => 'locked',
        (error: { code?: string }) => error.code,
      );
    // The backup waits for a table that somebody else holds, after it has begun.
    const holder = await database.pool.connect();
    await holder.query('begin');
    await holder.query('lock table analytics.webhook_endpoints in access exclusive mode');
    const backup = createBackup(database.pool, file, { clock: systemClock });
    await expect
      .poll(async () => {
        const { rowCount } = await database.pool.query(
          `select 1 from pg_locks where not granted and relation = 'analytics.webhook_endpoints'::regclass`,
        );
        return rowCount;
      })
      .toBe(1);
    expect([await lock('events'), await lock('event_keys_previous')]).toEqual(['55P03', '55P03']);
    await holder.query('rollback');
    holder.release();
    await backup;
    await expect.poll(() => lock('events')).toBe('locked');
    await expect.poll(() => lock('event_keys_previous')).toBe('locked');
  });

  test('taken while events are stored and rolled up agrees with itself', async () => {
    const file = join(await newDirectory(), 'a.backup');
    await whileIngesting(database.pool, async (store) => {
      let going = true;
      const load = (async () => {
        for (; going; ) {
          await store(...usages(50, 3));
          await rollUp(database.pool);
        }
      })();
      await createBackup(database.pool, file, { clock: systemClock });
      going = false;
      await load;
    });
    await withPool(await emptyDatabase(), async (pool) => {
      await restoreBackup(pool, file, { replace: false, log: silentLog });
      expect((await reconcile(pool)).drifts).toEqual([]);
      const { rows } = await pool.query(
        `select sum(stored)::int as stored from analytics.ingestion_batches
         union all select count(*)::int from analytics.event_keys`,
      );
      expect(rows[0]).toEqual(rows[1]);
    });
  });
});

test('a round trip from a server to the embedded database and back keeps every row, sequence and object', async () => {
  const folder = await newDirectory();
  const [there, back] = [join(folder, 'there.backup'), join(folder, 'back.backup')];
  const embedded = { DATA_DIR: join(folder, 'data') };
  const before = await storedState(database.pool);
  expect(await runCommand(['backup', there], { DATABASE_URL: database.url })).toMatchObject({ code: 0 });
  expect(await runCommand(['restore', there], embedded)).toMatchObject({
    code: 0,
    output: expect.stringMatching(/drift +0\n/),
  });
  expect(await withEmbedded(embedded.DATA_DIR, storedState)).toEqual(before);
  expect(await runCommand(['backup', back], embedded)).toMatchObject({ code: 0 });
  const url = await emptyDatabase();
  expect(await runCommand(['restore', back], { DATABASE_URL: url })).toMatchObject({ code: 0 });
  expect(await withPool(url, storedState)).toEqual(before);
  await withPool(url, async (pool) => {
    expect((await reconcile(pool)).drifts).toEqual([]);
    // The ids that follow are new: the sequences came along.
    await pool.query(
      `insert into analytics.audit_log (at, actor_id, actor_via, action, route, request_id)
       values (now(), 'a', 'b', 'c', 'd', 'e')`,
    );
  });
  expect((await readFile(there)).subarray(0, 15).toString()).toBe('TIDEMARK BACKUP');
}, 180_000);
