import type { Pool } from 'pg';
import type { Log } from '../telemetry/log.ts';
import { SECOND, sleep } from '../time.ts';

/** Seconds between two signs of life of a process that has a job. */
export const SIGN_OF_LIFE_SECONDS = 1;
/** A process that has not been heard of for so long has lost its job. */
const SILENCE_SECONDS = 4;
const LOOK_EVERY = SECOND;

interface LostJobsOptions {
  pool: Pool;
  log: Log;
  /** Schema of pg-boss. */
  schema: string;
  /** Queues whose workers give a sign of life every `SIGN_OF_LIFE_SECONDS`. */
  queues: readonly string[];
}

/**
 * Gives jobs whose process was killed to another one, within about six seconds. pg-boss does so as well, but
 * knows no silence shorter than ten seconds, looks once a minute, and waits before it tries again. Any number
 * of processes may watch. A job that has been tried as often as it may be is left to pg-boss, which ends it.
 */
export function watchForLostJobs(options: LostJobsOptions): { stop(): Promise<void> } {
  const stopped = new AbortController();
  const watching = (async () => {
    while (!stopped.signal.aborted) {
      await handOver(options).catch((err) => options.log.debug({ err }, 'could not look for lost jobs'));
      await sleep(LOOK_EVERY, stopped.signal);
    }
  })();
  return {
    stop: () => {
      stopped.abort();
      return watching;
    },
  };
}

async function handOver({ pool, log, schema, queues }: LostJobsOptions): Promise<void> {
  const { rows } = await pool.query<{ name: string; id: string }>(
    // A sign of life in the future is from before the server's clock was set back.
    `update ${schema}.job set state = 'retry', start_after = now(), heartbeat_on = null
     where state = 'active' and retry_count < retry_limit and name = any($1)
       and abs(extract(epoch from now() - heartbeat_on)) > $2
     returning name, id`,
    [queues, SILENCE_SECONDS],
  );
  for (const { name, id } of rows)
    log.warn({ work: name, job: id }, 'took over work from a process that is gone');
}
