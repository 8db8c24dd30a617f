import { ownCommand } from '../../command-line.ts';
import type { DatabaseLog } from '../log.ts';
import type { Database } from '../pool.ts';
import { citusState, distribute } from './citus.ts';
import { convertToHypertable, eventStorage } from './timescaledb.ts';

/**
 * Uses TimescaleDB or Citus if the database has the extension (`create extension`). Tables with data stay as they are,
 * because moving them blocks everyone. The log names the command that does it. New tables of a distributed database are
 * distributed too.
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
      `TimescaleDB is installed, but raw events are not a hypertable; run ${ownCommand()} timescaledb convert`,
    );
    return;
  }
  const { compresses } = await convertToHypertable(database);
  log.info({ compresses }, 'raw events are now a hypertable of TimescaleDB');
}

async function adaptToCitus(database: Database, log: DatabaseLog): Promise<void> {
  const state = await citusState(database);
  if (state === 'absent') return;
  if (state === 'undistributed' && (await holdsData(database))) {
    log.warn(
      {},
      `Citus is installed, but the tables are not distributed; run ${ownCommand()} citus distribute`,
    );
    return;
  }
  const tables = await distribute(database);
  if (tables.length > 0) log.info({ tables }, 'tables are now distributed by Citus');
}

async function holdsData(database: Database): Promise<boolean> {
  const { rows } = await database.query<{ found: boolean }>(
    'select exists (select 1 from analytics.ingestion_batches) as found',
  );
  return rows[0]?.found ?? false;
}
