import type { Client } from 'pg';
import { SECOND } from '../../time.ts';
import { LOCK_SPACE, lockNumbers } from '../advisory-locks.ts';
import type { DatabaseLog } from '../log.ts';

/** Application name of sessions that migrate. */
export const MIGRATION_SESSION = 'tidemark migrate';

/** A longer wait for the lock is logged. Services that start together wait briefly, which needs no log line. */
const LOG_WAIT_AFTER = SECOND;
const CHECK_INTERVAL = 5 * SECOND;

/**
 * Waits until no other process migrates, and takes the migration lock. The lock lasts until the end of a transaction that
 * this function begins. A session lock would not work behind a pooler, which shares sessions.
 */
export async function lockMigrations(client: Client, log: DatabaseLog): Promise<void> {
  await client.query('begin');
  await client.query('set local idle_in_transaction_session_timeout = 0');
  await client.query('set local statement_timeout = 0');
  const waiting = setTimeout(
    () => log.warn({}, 'another process is migrating the database; waiting for it'),
    LOG_WAIT_AFTER,
  );
  try {
    await client.query('select pg_advisory_xact_lock($1, $2)', [LOCK_SPACE, lockNumbers.migration]);
  } finally {
    clearTimeout(waiting);
  }
}

interface Holder {
  pid: number;
  application: string | null;
  user: string | null;
  /** Start of its transaction. */
  since: Date | null;
}

const HOLDERS = `
  select holder.pid, holder.application_name as application, holder.usename as user, holder.xact_start as since
  from pg_stat_activity waiting
  join pg_stat_activity holder on holder.pid = any(pg_blocking_pids(waiting.pid))
  where waiting.datname = current_database() and waiting.application_name = $1
    and waiting.wait_event_type = 'Lock' and waiting.wait_event <> 'advisory'`;

/**
 * Logs the sessions that block a migration, every few seconds while it waits. Uses the connection that holds the
 * migration lock. Returns a function that stops the checks.
 */
export function observeWaits(client: Client, log: DatabaseLog): () => void {
  const check = async (): Promise<void> => {
    const { rows } = await client.query<Holder>(HOLDERS, [MIGRATION_SESSION]);
    if (rows.length > 0)
      log.warn({ holders: rows }, 'migrations wait for locks of other sessions; end them, or wait');
  };
  const timer = setInterval(() => void check().catch(() => {}), CHECK_INTERVAL);
  return () => clearInterval(timer);
}
