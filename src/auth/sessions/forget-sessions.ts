import type { Pool } from 'pg';
import type { Job } from '../../jobs/start-jobs.ts';
import type { Clock } from '../../time.ts';
import { IDLE_TIME } from './session-row.ts';

/** The job that removes the sessions that are past their time. */
export function sessionJobs({ pool, clock }: { pool: Pool; clock: Clock }): Job[] {
  return [
    {
      name: 'forget-sessions',
      schedule: '40 * * * *',
      run: async () => {
        const now = clock.now();
        await pool.query(
          'delete from analytics.login_sessions where expires_at <= $1 or last_seen_at <= $2',
          [new Date(now), new Date(now - IDLE_TIME)],
        );
      },
    },
  ];
}
