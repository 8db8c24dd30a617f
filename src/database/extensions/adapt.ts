import type { DatabaseLog } from '../log.ts';
import type { Database } from '../pool.ts';
import { citusState, distribute } from './citus.ts';
import { convertToHypertable, eventStorage } from './timescaledb.ts';

/**
 * Makes use of TimescaleDB or Citus where the database has one of them (`create extension`; that a server could have
 * it is not enough). What holds data already is left as it is, since moving it keeps everyone waiting: the log says
 * which command does that. Tables that a migration adds to a distributed database are distributed too.
 */
export async function adaptToExtensions(database: Database, log: DatabaseLog): Promise<void> {
  const { rows } = await database.query<{ there: boolean }>(
    `select to_regclass('analytics.events') is not null as there`,
  );
  if (!rows[0]?.there) return;
  await adaptToTimescaledb(database, log);
  await adaptToCitus(database, log);
}

async function adaptToTimescaledb(database: Database, log: DatabaseLog): Promise<void> {
  if ((await eventStorage(database)) !== 'convertible') return;
  if (await holdsData(database)) {
    log.warn(
      {},
      'TimescaleDB is here, and raw events are not a hypertable: see tidemark timescaledb convert',
    );
    return;
  }
  const { compresses } = await convertToHypertable(database);
  log.info({ compresses }, 'raw events are a hypertable of TimescaleDB');
}

async function adaptToCitus(database: Database, log: DatabaseLog): Promise<void> {
  const state = await citusState(database);
  if (state === 'absent') return;
  if (state === 'undistributed' && (await holdsData(database))) {
    log.warn({}, 'Citus is here, and the tables are not distributed: see tidemark citus distribute');
    return;
  }
  const tables = await distribute(database);
  if (tables.length > 0) log.info({ tables }, 'tables are distributed by Citus');
}

async function holdsData(database: Database): Promise<boolean> {
  const { rows } = await database.query<{ found: boolean }>(
    'select exists (select 1 from analytics.ingestion_batches) as found',
  );
  return rows[0]?.found ?? false;
}
