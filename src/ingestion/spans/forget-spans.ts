import type { Pool } from 'pg';
import type { Job } from '../../jobs/start-jobs.ts';
import type { Clock } from '../../time.ts';

interface SpanJobsOptions {
  pool: Pool;
  clock: Clock;
  /** Milliseconds that the spans around counted calls are remembered. */
  traceMemory: number;
}

/** The job that removes the marks of spans that are past their time. */
export function spanJobs({ pool, clock, traceMemory }: SpanJobsOptions): Job[] {
  return [
    {
      name: 'forget-spans',
      schedule: '* * * * *',
      run: async () => {
        const before = new Date(clock.now() - traceMemory);
        await pool.query('delete from analytics.counted_spans where marked_at < $1', [before]);
      },
    },
  ];
}
