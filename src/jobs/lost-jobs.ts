import type { Pool } from 'pg';
import type { Log } from '../telemetry/log.ts';
import { SECOND, sleep } from '../time.ts';

/** How often a process that runs a job sends a heartbeat. */
export const HEARTBEAT_EVERY = SECOND;
/** A process that has sent no heartbeat for so long has lost its job. */
const LOST_AFTER = 4 * SECOND;
const CHECK_EVERY = SECOND;

interface LostJobsOptions {
  pool: Pool;
  log: Log;
  /** The schema of pg-boss. */
  schema: string;
  /** Queues whose workers send a heartbeat every `HEARTBEAT_EVERY`. */
  queues: readonly string[];
}

/**
 * Gives the jobs of a process that was killed to another process, within about six seconds. pg-boss does so as well,
 * but it waits at least ten seconds, checks once a minute, and waits before it tries again. Any number of processes
 * may watch. Jobs without retries left stay with pg-boss, which ends them.
 */
export function watchForLostJobs(options: LostJobsOptions): { stop(): Promise<void> } {
  const stopped = new AbortController();
  const watching = (async () => {
    while (!stopped.signal.aborted) {
      await releaseLostJobs(options).catch((err) =>
        options.log.debug({ err }, 'the search for lost jobs failed; it is tried again'),
      );
      await sleep(CHECK_EVERY, stopped.signal);
    }
  })();
  return {
    stop: () => {
      stopped.abort();
      return watching;
    },
  };
}

async function releaseLostJobs({ pool, log, schema, queues }: LostJobsOptions): Promise<void> {
  const { rows } = await pool.query<{ name: string; id: string }>(
    // A heartbeat in the future is from before the clock of the server was set back.
    `update ${schema}.job set state = 'retry', start_after = now(), heartbeat_on = null
     where state = 'active' and retry_count < retry_limit and name = any($1)
       and abs(extract(epoch from now() - heartbeat_on)) > $2
     returning name, id`,
    [queues, LOST_AFTER / SECOND],
  );
  for (const { name, id } of rows)
    log.warn({ work: name, job: id }, 'released a job whose process is gone; another process takes it');
}
