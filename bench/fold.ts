/**
 * Measures the extra cost of rollups over all orgs together. Raw events of 250 orgs and every type are folded as in the
 * worker, in a transaction that is rolled back. One round has the fold alone, another adds the rows over all orgs.
 *
 * Results: `more` is the share that the second part takes of the first, by the medians of the rounds. `added by hashing
 * bins` is an alternative: it counts each bin by hashing, instead of concatenating lists.
 */
import type { PoolClient } from 'pg';
import { createPool, withTransaction } from '../src/database/pool.ts';
import { dayOf, EventPartitions } from '../src/ingestion/partitions.ts';
import { foldEventsSql } from '../src/rollups/fold/fold-sql.ts';
import { addPlatformRows } from '../src/rollups/fold/platform-rows.ts';
import { openFold } from '../src/rollups/folds.ts';
import { finestGrain } from '../src/rollups/grains.ts';
import { MINUTE } from '../src/time.ts';
import { endProgress, progress } from './support/progress.ts';
import { median } from './support/quantile.ts';
import { storeRawEvents } from './support/seed-raw.ts';
import { seedSeries } from './support/seed-series.ts';
import { startService } from './support/service.ts';

const ROUNDS = 7;
const sizes = [
  { events: 1_000, minutes: 1 },
  { events: 15_000, minutes: 1 },
  { events: 75_000, minutes: 1 },
  { events: 75_000, minutes: 60 },
];
const FOLD = foldEventsSql(finestGrain, 'batch_id = $2');

// Without a worker, so that this benchmark folds the waiting batches.
const service = await startService({ ROLES: 'api' });
const pool = createPool({
  connectionString: service.databaseUrl,
  max: 2,
  applicationName: 'bench',
  statementTimeoutMs: 0,
  onError: () => {},
});

class RollBack extends Error {}

interface Timed {
  fold: number;
  added: number;
  rows: number;
  addedRows: number;
}

async function rowsOf(client: PoolClient, foldId: number): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    'select count(*) from analytics.rollups where grain = $2 and fold_id = $1',
    [foldId, finestGrain.name],
  );
  return rows[0]?.count ?? 0;
}

async function foldOnce(batchId: number): Promise<Timed> {
  let timed: Timed | undefined;
  await withTransaction(pool, async (client) => {
    const foldId = await openFold(client, finestGrain);
    const began = performance.now();
    await client.query(FOLD, [foldId, batchId]);
    const folded = performance.now();
    const rows = await rowsOf(client, foldId);
    const again = performance.now();
    await addPlatformRows(client, finestGrain, foldId);
    const added = performance.now() - again;
    timed = { fold: folded - began, added, rows, addedRows: (await rowsOf(client, foldId)) - rows };
    throw new RollBack();
  }).catch((error: unknown) => {
    if (!(error instanceof RollBack)) throw error;
  });
  if (!timed) throw new Error('the fold was not timed');
  return timed;
}

function ms(time: number): string {
  return `${time.toFixed(1)} ms`;
}

try {
  progress('seeding');
  await seedSeries(pool);
  const now = Date.now();
  await new EventPartitions(pool).ensure([dayOf(now * 1_000), dayOf((now - 60 * MINUTE) * 1_000)]);
  const table: Record<string, Record<string, string | number>> = {};
  for (const { events, minutes } of sizes) {
    const batchId = await storeRawEvents(
      pool,
      events,
      { from: now - minutes * MINUTE, to: now },
      { rolledUp: false },
    );
    await pool.query('analyze analytics.events');
    const rounds: Timed[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      progress(`${events} events, round ${round} of ${ROUNDS}`);
      const timed = await foldOnce(batchId);
      if (round > 0) rounds.push(timed);
    }
    const [fold, added] = [median(rounds.map((one) => one.fold)), median(rounds.map((one) => one.added))];
    table[`${events.toLocaleString('en')} events of ${minutes} min`] = {
      fold: ms(fold),
      rows: rounds[0]?.rows ?? 0,
      'all orgs together': ms(added),
      'their rows': rounds[0]?.addedRows ?? 0,
      more: `${((100 * added) / fold).toFixed(0)} %`,
    };
  }
  endProgress();
  console.table(table);
} finally {
  await pool.end();
  await service.stop();
}
