/**
 * Citus has no snapshot over nodes. A statement there reads the coordinator's tables first and the nodes later, and may
 * meet rows on the nodes whose batch or fold it did not see on the coordinator. A bound keeps those out: everything up to
 * it is on all nodes, or was given up. One database needs no bound: it has `undefined`.
 */
import type { PoolClient } from 'pg';
import { LOCK_SPACE, lockNumbers } from '../database/advisory-locks.ts';
import { citusState } from '../database/extensions/citus.ts';

/**
 * The last batch of which none before is on its way. Waits for those that are being stored now, and lets go of its lock
 * at once: storing stops for that moment only.
 */
export async function batchesStoredUpTo(client: PoolClient): Promise<number | undefined> {
  return (await isDistributed(client)) ? lastStoredBatch(client) : undefined;
}

/** The same on any database, for those who continue from that batch later. */
export async function lastStoredBatch(client: PoolClient): Promise<number> {
  return lastBefore(client, {
    hold: `select pg_advisory_xact_lock(${LOCK_SPACE}, ${lockNumbers.storing})`,
    sequence: 'analytics.batch_ids',
  });
}

/** The last fold of which none before is on its way. Waits for the roll-ups under way. */
export async function foldsWrittenUpTo(client: PoolClient): Promise<number | undefined> {
  if (!(await isDistributed(client))) return undefined;
  return lastBefore(client, {
    hold: 'lock table analytics.folds in share mode',
    sequence: 'analytics.folds_fold_id_seq',
  });
}

async function lastBefore(
  client: PoolClient,
  { hold, sequence }: { hold: string; sequence: string },
): Promise<number> {
  // PostgreSQL lets go of a lock when the savepoint before it is rolled back to.
  await client.query('savepoint bound');
  await client.query(hold);
  const { rows } = await client.query<{ last: number }>(`select last_value as last from ${sequence}`);
  await client.query('rollback to savepoint bound');
  return rows[0]?.last ?? 0;
}

async function isDistributed(client: PoolClient): Promise<boolean> {
  return (await citusState(client)) === 'distributed';
}

/** A condition: a number is within the bound. */
export function isWithin(number: string, upTo: number | undefined): string {
  return upTo === undefined ? 'true' : `${number} <= ${upTo}`;
}
