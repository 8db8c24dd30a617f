import type { Pool } from 'pg';
import { PgBoss } from 'pg-boss';
import { SIGN_OF_LIFE_SECONDS, watchForLostJobs } from '../jobs/lost-jobs.ts';
import type { Log } from '../telemetry/log.ts';
import type { Clock } from '../time.ts';
import { promoteAll } from './fold/roll-up.ts';
import { type Grain, grainNamed, grains } from './grains.ts';
import { compact } from './upkeep/compact.ts';
import { compressEvents } from './upkeep/compress-events.ts';
import { removeByTime, type TimedRemoval } from './upkeep/remove-by-time.ts';
import { applyRetention } from './upkeep/retention.ts';

interface ScheduleOptions {
  pool: Pool;
  log: Log;
  clock: Clock;
  /** Milliseconds. */
  rawRetention: number;
  dedupWindow: number;
  /** What leaves of other features, as of now in milliseconds. */
  removals(now: number): readonly TimedRemoval[];
}

const SCHEMA = 'tidemark_jobs';
/** After which pg-boss itself gives a silent process up; `watchForLostJobs` is there sooner. */
const HEARTBEAT_SECONDS = 30;
/** How often pg-boss compares its clock with the database's, which it goes by: a clock that is set counts soon. */
const CLOCK_SECONDS = 30;

interface ScheduledWork {
  name: string;
  /** Five fields, in UTC. */
  cron: string;
  /** What is left when the signal aborts is done the next time. */
  run(signal: AbortSignal): Promise<void>;
}

async function compactAll(pool: Pool, which: readonly Grain[], signal: AbortSignal): Promise<void> {
  for (const grain of which) while (!signal.aborted && (await compact(pool, grain)) > 0);
}

/** By our clock or the database's, whichever is behind: one that was set forward must remove nothing too soon. */
async function earliestNow({ pool, clock }: ScheduleOptions): Promise<number> {
  const { rows } = await pool.query<{ now: Date }>('select clock_timestamp() as now');
  return Math.min(clock.now(), rows[0]?.now.getTime() ?? 0);
}

function scheduledWork(options: ScheduleOptions): ScheduledWork[] {
  const { pool } = options;
  return [
    {
      name: 'roll-up-hourly',
      cron: '0 * * * *',
      run: async (signal) => {
        await promoteAll(pool, grainNamed('hour'));
        await compactAll(pool, [grainNamed('minute'), grainNamed('quarter_hour')], signal);
      },
    },
    { name: 'roll-up-daily', cron: '0 0 * * *', run: () => promoteAll(pool, grainNamed('day')) },
    {
      name: 'roll-up-weekly',
      cron: '0 0 * * 0',
      run: async (signal) => {
        await promoteAll(pool, grainNamed('week'));
        await compactAll(pool, grains, signal);
      },
    },
    {
      name: 'retention',
      cron: '20 * * * *',
      run: async (signal) => {
        await compactAll(pool, [grainNamed('hour'), grainNamed('day')], signal);
        if (signal.aborted) return;
        const now = await earliestNow(options);
        await applyRetention({ ...options, now });
        await compressEvents({ ...options, now });
        for (const removal of options.removals(now)) await removeByTime(pool, removal);
      },
    },
  ];
}

/** Runs the work that has its hours. With several processes on one database, one of them does each. */
export async function startSchedule(options: ScheduleOptions): Promise<{ stop(): Promise<void> }> {
  const { pool, log } = options;
  const boss = new PgBoss({
    db: { executeSql: (text, values) => pool.query(text, values) },
    schema: SCHEMA,
    clockMonitorIntervalSeconds: CLOCK_SECONDS,
  });
  boss.on('error', (error) => log.warn({ err: error }, 'the schedule met an error and goes on'));
  const endBoss = () => boss.stop({ graceful: true, timeout: 5_000, close: false });
  const stopped = new AbortController();
  const work = scheduledWork(options);
  try {
    await boss.start();
    for (const { name, cron, run } of work) {
      await boss.createQueue(name, {
        policy: 'exclusive',
        retryLimit: 3,
        retryBackoff: true,
        heartbeatSeconds: HEARTBEAT_SECONDS,
        expireInSeconds: 3_600,
      });
      await boss.schedule(name, cron, null, { tz: 'UTC' });
      const pace = { pollingIntervalSeconds: 2, heartbeatRefreshSeconds: SIGN_OF_LIFE_SECONDS };
      await boss.work(name, pace, async () => {
        const began = performance.now();
        await run(stopped.signal);
        log.info(
          { work: name, milliseconds: Math.round(performance.now() - began) },
          'scheduled work is done',
        );
      });
    }
  } catch (error) {
    // What of it has begun would keep the process going.
    await endBoss().catch(() => {});
    throw error;
  }
  const watch = watchForLostJobs({ pool, log, schema: SCHEMA, queues: work.map(({ name }) => name) });
  return {
    stop: async () => {
      stopped.abort();
      await watch.stop();
      await endBoss();
    },
  };
}
