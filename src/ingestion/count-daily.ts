import type { Pool } from 'pg';
import { Rounds } from '../jobs/rounds.ts';
import { DailyUse } from '../quotas/daily-use.ts';
import type { Limits } from '../quotas/quota.ts';
import type { Log } from '../telemetry/log.ts';
import { type Clock, SECOND } from '../time.ts';

/** An org can get beyond its quota by the events that it sends in this time. */
const COUNT_EVERY = 5 * SECOND;

/** Counts the events of each org and day, and their bytes. Adds the counts to the database every few seconds. */
export function countDaily(options: { pool: Pool; clock: Clock; log: Log; limits: Limits }): {
  daily: { events: DailyUse; bytes: DailyUse };
  stop(): Promise<void>;
} {
  const { pool: database, clock, log, limits } = options;
  const events = new DailyUse({ database, clock, limits, quota: 'events_per_day' });
  const bytes = new DailyUse({ database, clock, limits, quota: 'stored_bytes' });
  const flush = async () => {
    await events.flush();
    await bytes.flush();
  };
  const rounds = new Rounds({ name: 'daily events', log });
  rounds.begin('count', async () => {
    await flush();
    return COUNT_EVERY;
  });
  return {
    daily: { events, bytes },
    async stop() {
      await rounds.stop();
      await flush().catch((error) => log.warn({ err: error }, 'the last events of the day are not counted'));
    },
  };
}
