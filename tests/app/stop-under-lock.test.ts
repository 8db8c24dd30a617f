import { expect, onTestFinished, test } from 'vitest';
import { openEmbedded } from '../../src/database/embedded/open-embedded.ts';
import { createPool } from '../../src/database/pool.ts';
import { SECOND } from '../../src/time.ts';
import { useDirectories } from '../support/database/data-directory.ts';
import { gone, postmasterPid } from '../support/database/embedded-holder.ts';
import { makeUsage } from '../support/events/fixtures.ts';
import { tokenOf } from '../support/service/service.ts';
import { startServiceProcess } from '../support/service/service-process.ts';

const quiet = { debug: () => {}, info: () => {}, warn: () => {} };
const newDirectory = useDirectories();

test('a service whose roll-up waits for a lock stops all the same, and its database with it', async () => {
  const dataDir = await newDirectory();
  const service = await startServiceProcess(dataDir);
  onTestFinished(() => service.kill());
  const database = await openEmbedded({ dataDir, log: quiet, mode: 'join' });
  const pool = createPool({
    connectionString: database.connectionString,
    max: 2,
    applicationName: 'holder',
    statementTimeoutMs: 0,
    onError: () => {},
  });
  const holder = await pool.connect();
  // Idle in its transaction for longer than a session may be.
  await holder.query(
    `set idle_in_transaction_session_timeout = 0; begin; lock table analytics.folds in exclusive mode`,
  );
  await fetch(`${service.origin}/analytics/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await tokenOf(['admin'])}`, 'content-type': 'application/json' },
    body: JSON.stringify([makeUsage()]),
  });
  const heldUp = async () =>
    (
      await pool.query(
        `select 1 from pg_stat_activity where wait_event_type = 'Lock' and query ~ 'analytics.folds'`,
      )
    ).rowCount;
  await expect.poll(heldUp, { timeout: 30 * SECOND }).toBeGreaterThan(0);
  const postmaster = await postmasterPid(service.location);
  await service.stop();
  await gone(postmaster);
  expect(service.log()).not.toContain('could not stop in time');
  holder.release(true);
  await pool.end();
  await database.stop();
});
