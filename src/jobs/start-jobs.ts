import type { Pool } from 'pg';
import { PgBoss } from 'pg-boss';
import type { Log } from '../telemetry/log.ts';
import { HOUR, SECOND } from '../time.ts';
import { HEARTBEAT_EVERY, watchForLostJobs } from './lost-jobs.ts';

/** Work that runs at set times. Each feature lists its own; `startJobs` runs them all. */
export interface Job {
  /** Unique among all jobs. It is the name of the queue, and the log calls the job so. */
  name: string;
  /** When it runs: a cron expression of five fields, in UTC. */
  schedule: string;
  /** Does the work. It stops early when the signal aborts; the next run does what is left. */
  run(signal: AbortSignal): Promise<void>;
  /** How long a run may take and how often it is tried; `DEFAULT_LIMITS` where it says nothing. */
  limits?: Partial<JobLimits>;
}

export interface JobLimits {
  /** Times that a failed run is tried again. */
  retries: number;
  /** Milliseconds after which pg-boss gives a run up. */
  timeout: number;
}

interface JobsOptions {
  pool: Pool;
  log: Log;
}

const DEFAULT_LIMITS: JobLimits = { retries: 3, timeout: HOUR };
/** The schema that pg-boss keeps its tables in. */
const SCHEMA = 'tidemark_jobs';
/** Silence after which pg-boss itself gives a process up. `watchForLostJobs` is faster. */
const HEARTBEAT_TIMEOUT = 30 * SECOND;
/**
 * How often pg-boss compares its clock with the clock of the database, which decides when a job is due. Half a
 * minute, so that pg-boss soon notices a clock that was set.
 */
const CLOCK_CHECK_EVERY = 30 * SECOND;
/** How often pg-boss asks each queue for a job. */
const POLL_EVERY = 2 * SECOND;
/** How long a run that is under way may go on when the service stops. */
const STOP_TIMEOUT = 5 * SECOND;

/** Runs the jobs on their schedules. Of several processes with one database, one takes each run. */
export async function startJobs(
  jobs: readonly Job[],
  { pool, log }: JobsOptions,
): Promise<{ stop(): Promise<void> }> {
  const boss = new PgBoss({
    db: { executeSql: (text, values) => pool.query(text, values) },
    schema: SCHEMA,
    clockMonitorIntervalSeconds: CLOCK_CHECK_EVERY / SECOND,
  });
  boss.on('error', (error) => log.warn({ err: error }, 'pg-boss reported an error; the schedule goes on'));
  const stopBoss = () => boss.stop({ graceful: true, timeout: STOP_TIMEOUT, close: false });
  const stopped = new AbortController();
  try {
    await boss.start();
    for (const job of jobs) await startJob(boss, job, { log, signal: stopped.signal });
  } catch (error) {
    // What pg-boss has started would keep the process alive.
    await stopBoss().catch(() => {});
    throw error;
  }
  const watch = watchForLostJobs({ pool, log, schema: SCHEMA, queues: jobs.map(({ name }) => name) });
  return {
    stop: async () => {
      stopped.abort();
      await watch.stop();
      await stopBoss();
    },
  };
}

async function startJob(
  boss: PgBoss,
  { name, schedule, run, limits }: Job,
  { log, signal }: { log: Log; signal: AbortSignal },
): Promise<void> {
  const { retries, timeout } = { ...DEFAULT_LIMITS, ...limits };
  await boss.createQueue(name, {
    policy: 'exclusive',
    retryLimit: retries,
    retryBackoff: true,
    heartbeatSeconds: HEARTBEAT_TIMEOUT / SECOND,
    expireInSeconds: timeout / SECOND,
  });
  await boss.schedule(name, schedule, null, { tz: 'UTC' });
  const pace = {
    pollingIntervalSeconds: POLL_EVERY / SECOND,
    heartbeatRefreshSeconds: HEARTBEAT_EVERY / SECOND,
  };
  await boss.work(name, pace, async () => {
    const began = performance.now();
    await run(signal);
    const milliseconds = Math.round(performance.now() - began);
    log.info({ work: name, milliseconds }, 'scheduled work is done');
  });
}
