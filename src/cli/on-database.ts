import { constants } from 'node:os';
import type { Pool } from 'pg';
import { type Config, loadConfig } from '../config.ts';
import { openEmbedded } from '../database/embedded/open-embedded.ts';
import { createPool } from '../database/pool.ts';
import { migrate } from '../database/schema/migrate.ts';
import { createLog, type Log } from '../telemetry/log.ts';
import { reportFailure } from './report-failure.ts';
import { endInTime, nextStopSignal } from './stop-signal.ts';

/** What a command works with. */
export interface CommandContext {
  config: Config;
  /** Goes to standard error; from warnings on, unless LOG_LEVEL is set. */
  log: Log;
  connectionString: string;
  pool: Pool;
  /** Aborted when the process is asked to stop. */
  stopRequested: AbortSignal;
}

interface CommandOptions {
  /** Leaves the schema as it is; by default it is brought up to date first. */
  migrates?: false;
  /** When asked to stop: what runs in the database is cancelled, or the command sees to its end itself. */
  onStop?: 'cancel' | 'finish';
}

/**
 * Runs a command on the database: that of DATABASE_URL, or the embedded one, which it shares with a service
 * that uses it or starts for itself. Ends whatever it opened, and reports a failure.
 */
export async function onDatabase(
  name: string,
  work: (context: CommandContext) => Promise<void>,
  options: CommandOptions = {},
): Promise<void> {
  const stop = new AbortController();
  const stopRequested = stop.signal;
  void nextStopSignal().then((signal) => {
    process.exitCode = 128 + constants.signals[signal];
    stop.abort();
  });
  try {
    const config = loadConfig(process.env);
    const log = createLog({
      level: process.env.LOG_LEVEL ? config.logLevel : 'warn',
      destination: process.stderr,
    });
    const embedded =
      config.databaseUrl === undefined
        ? await openEmbedded({ dataDir: config.dataDir, log, mode: 'join', stopRequested })
        : undefined;
    try {
      const connectionString = embedded?.connectionString ?? config.databaseUrl ?? '';
      if (options.migrates ?? true) await migrate(connectionString, { log, direction: 'up', stopRequested });
      const pool = openPool(name, connectionString, config, log);
      if ((options.onStop ?? 'cancel') === 'cancel') {
        stopRequested.addEventListener('abort', () => {
          void cancelStatements(pool);
          endInTime(config, () => process.stderr.write('tidemark: could not stop in time\n'));
        });
      }
      try {
        stopRequested.throwIfAborted();
        await work({ config, log, connectionString, pool, stopRequested });
      } finally {
        await pool.end();
      }
    } finally {
      await embedded?.stop();
    }
  } catch (error) {
    if (stopRequested.aborted) process.stderr.write('tidemark: stopped\n');
    else reportFailure(error);
  }
}

function openPool(name: string, connectionString: string, config: Config, log: Log): Pool {
  return createPool({
    connectionString,
    max: config.databasePoolMax,
    applicationName: `tidemark ${name} ${process.pid}`,
    statementTimeoutMs: 0,
    onError: (error) => log.warn({ err: error }, 'lost an idle connection to the database'),
  });
}

/** Cancels what our connections run: left alone, the server would finish it for nobody. */
async function cancelStatements(pool: Pool): Promise<void> {
  await pool
    .query(
      `select pg_cancel_backend(pid) from pg_stat_activity
       where application_name = current_setting('application_name') and pid <> pg_backend_pid() and state = 'active'`,
    )
    .catch(() => {});
}
