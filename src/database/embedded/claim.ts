/**
 * Tracks the users of the embedded database. Each holds advisory locks on one connection. PostgreSQL drops them when the
 * process dies, however it dies:
 *
 * - `service`, exclusive: held by the only service of a DATA_DIR.
 * - `presence`, shared: held by every user. The last user to leave stops the server.
 */
import { Client } from 'pg';
import { CodedError } from '../../errors.ts';
import { SECOND, sleep } from '../../time.ts';
import { LOCK_SPACE, lockNumbers } from '../advisory-locks.ts';

const { service: SERVICE, presence: PRESENCE } = lockNumbers;

export type Mode = 'serve' | 'join';

export interface Claim {
  /** Resolves when the connection is gone, and with it the claim. */
  lost: Promise<void>;
  /**
   * Gives the claim up. Resolves to true if nobody else is present. In that case nobody can join before the server has
   * stopped.
   */
  leave(): Promise<boolean>;
  /** Closes the connection. */
  end(): Promise<void>;
}

/**
 * Claims the database. A service may have to wait a moment if its predecessor was just killed.
 *
 * @throws CodedError `unavailable` when another service uses it; the driver's error when the connection fails.
 */
export async function claimDatabase(connectionString: string, mode: Mode, dataDir: string): Promise<Claim> {
  const client = new Client({
    connectionString,
    application_name: `tidemark ${mode} ${process.pid}`,
    connectionTimeoutMillis: 10 * SECOND,
    keepAlive: true,
  });
  const lost = new Promise<void>((resolve) => {
    client.once('end', resolve);
    client.on('error', () => resolve());
  });
  await client.connect();
  try {
    if (mode === 'serve') await becomeTheService(client, dataDir);
    await client.query('select pg_advisory_lock_shared($1, $2)', [LOCK_SPACE, PRESENCE]);
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
  return {
    lost,
    leave: async () => {
      await client.query('select pg_advisory_unlock_shared($1, $2)', [LOCK_SPACE, PRESENCE]);
      return tryLock(client, PRESENCE);
    },
    end: () => client.end().catch(() => {}),
  };
}

async function becomeTheService(client: Client, dataDir: string): Promise<void> {
  for (const end = Date.now() + 3 * SECOND; ; await sleep(100)) {
    if (await tryLock(client, SERVICE)) return;
    if (Date.now() > end) break;
  }
  const holder = await serviceHolder(client);
  throw new CodedError(
    'unavailable',
    `Another Tidemark${holder} uses ${dataDir}. Stop it, or set another DATA_DIR for this one.`,
  );
}

async function tryLock(client: Client, key: number): Promise<boolean> {
  const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1, $2) as got', [
    LOCK_SPACE,
    key,
  ]);
  return rows[0]?.got ?? false;
}

/** ` (process 123, since …)` for the service that holds the lock, or an empty text if it has just left. */
async function serviceHolder(client: Client): Promise<string> {
  const { rows } = await client.query<{ name: string; since: Date }>(
    `select activity.application_name as name, activity.backend_start as since
       from pg_locks locks
       join pg_stat_activity activity using (pid)
      where locks.locktype = 'advisory' and locks.granted
        and locks.database = (select oid from pg_database where datname = current_database())
        and locks.classid = $1::bigint::oid and locks.objid = $2::bigint::oid`,
    [LOCK_SPACE, SERVICE],
  );
  const holder = rows[0];
  if (!holder) return '';
  return ` (process ${holder.name.split(' ').at(-1)}, since ${holder.since.toISOString()})`;
}
