import { constants } from 'node:os';
import type { Pool } from 'pg';
import { type Config, loadConfig } from '../config.ts';
import { openEmbedded } from '../database/embedded/open-embedded.ts';
import { createPool } from '../database/pool.ts';
import { migrate } from '../database/schema/migrate.ts';
import { mistakenSettings } from '../setting-text.ts';
import { createLog, type Log } from '../telemetry/log.ts';
import { reportFailure } from './report-failure.ts';
import { endInTime, nextStopSignal } from './stop-signal.ts';

/** The resources of a command. */
export interface CommandContext {
  config: Config;
  /** Writes to standard error: warnings and errors, unless LOG_LEVEL is set. */
  log: Log;
  connectionString: string;
  pool: Pool;
  /** Aborts on a stop signal. */
  stopRequested: AbortSignal;
}

interface CommandOptions {
  /** `false` leaves the schema as it is. By default, pending migrations run first. */
  migrates?: false;
  /** On a stop signal: cancel the running statements, or let the command finish by itself. */
  onStop?: 'cancel' | 'finish';
}

/**
 * Runs a command on the database of DATABASE_URL, or on the embedded one. It shares the embedded database with a running
 * service, or starts it. Closes everything it opened, and reports a failure.
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
    for (const mistaken of mistakenSettings(process.env))
      log.warn(mistaken, 'this environment variable has no effect; it looks like a setting');
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
          endInTime(config, () =>
            process.stderr.write('tidemark: could not stop in time; the process ends now\n'),
          );
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

/** Cancels the statements of our connections. Otherwise the server would finish them for nobody. */
async function cancelStatements(pool: Pool): Promise<void> {
  await pool
    .query(
      `select pg_cancel_backend(pid) from pg_stat_activity
       where application_name = current_setting('application_name') and pid <> pg_backend_pid() and state = 'active'`,
    )
    .catch(() => {});
}
