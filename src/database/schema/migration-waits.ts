import type { Client } from 'pg';
import { SECOND } from '../../time.ts';
import { LOCK_SPACE, lockNumbers } from '../advisory-locks.ts';
import type { DatabaseLog } from '../log.ts';

/** Name of the sessions that migrate. */
export const MIGRATE = 'tidemark migrate';

/** A turn that takes longer to come is told of; services that start together wait for a moment, and need not say so. */
const A_MOMENT = SECOND;
const LOOK_EVERY = 5 * SECOND;

/**
 * Waits until no other process migrates. The turn lasts as long as the connection's transaction, which this begins:
 * not a session, so that it holds behind a pooler as well, which shares sessions out.
 */
export async function takeTurn(client: Client, log: DatabaseLog): Promise<void> {
  await client.query('begin');
  await client.query('set local idle_in_transaction_session_timeout = 0');
  await client.query('set local statement_timeout = 0');
  const waiting = setTimeout(
    () => log.warn({}, 'another process is migrating the database: waiting for it'),
    A_MOMENT,
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
  /** Of its transaction. */
  since: Date | null;
}

const HOLDERS = `
  select holder.pid, holder.application_name as application, holder.usename as user, holder.xact_start as since
  from pg_stat_activity waiting
  join pg_stat_activity holder on holder.pid = any(pg_blocking_pids(waiting.pid))
  where waiting.datname = current_database() and waiting.application_name = $1
    and waiting.wait_event_type = 'Lock' and waiting.wait_event <> 'advisory'`;

/**
 * Says who holds a table that migrations wait for, again and again while they do. Asks on the connection that has the
 * turn. Returns what ends it.
 */
export function observeWaits(client: Client, log: DatabaseLog): () => void {
  const look = async (): Promise<void> => {
    const { rows } = await client.query<Holder>(HOLDERS, [MIGRATE]);
    if (rows.length > 0) log.warn({ holders: rows }, 'migrations wait for a lock that others hold');
  };
  const looking = setInterval(() => void look().catch(() => {}), LOOK_EVERY);
  return () => clearInterval(looking);
}
