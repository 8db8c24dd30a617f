import type { Pool } from 'pg';
import { earliestNow } from '../jobs/earliest-now.ts';
import type { Job } from '../jobs/start-jobs.ts';
import type { Log } from '../telemetry/log.ts';
import type { Clock } from '../time.ts';
import { promoteAll } from './fold/roll-up.ts';
import { type Grain, grainNamed, grains } from './grains.ts';
import { reconcileLastDays } from './reconcile/recorded.ts';
import { compact } from './upkeep/compact.ts';
import { compressEvents } from './upkeep/compress-events.ts';
import { applyRetention } from './upkeep/retention.ts';
import { summarizeEvents } from './upkeep/summarize-events.ts';

interface RollupJobsOptions {
  pool: Pool;
  log: Log;
  clock: Clock;
  /** Milliseconds that raw events are kept. */
  rawRetention: number;
  /** Milliseconds that an event id is remembered, at least. */
  dedupWindow: number;
}

/** The jobs that bring rollups to the coarser grains, compact them, and remove data that is past its time. */
export function rollupJobs(options: RollupJobsOptions): Job[] {
  const { pool } = options;
  return [
    {
      name: 'roll-up-hourly',
      schedule: '0 * * * *',
      run: async (signal) => {
        await promoteAll(pool, grainNamed('hour'));
        await compactAll(pool, [grainNamed('minute'), grainNamed('quarter_hour')], signal);
      },
    },
    { name: 'roll-up-daily', schedule: '0 0 * * *', run: () => promoteAll(pool, grainNamed('day')) },
    {
      name: 'roll-up-weekly',
      schedule: '0 0 * * 0',
      run: async (signal) => {
        await promoteAll(pool, grainNamed('week'));
        await compactAll(pool, grains, signal);
      },
    },
    {
      name: 'summarize-events',
      schedule: '* * * * *',
      run: async () => void (await summarizeEvents(options)),
    },
    {
      name: 'reconcile',
      schedule: '50 4 * * *',
      run: async () => {
        const { drifts } = await reconcileLastDays(options);
        if (drifts.length > 0)
          options.log.error(
            { drifts: drifts.length },
            'rollups differ from raw events; run tidemark reconcile',
          );
      },
    },
    {
      name: 'retention',
      schedule: '20 * * * *',
      run: async (signal) => {
        await compactAll(pool, [grainNamed('hour'), grainNamed('day')], signal);
        if (signal.aborted) return;
        const now = await earliestNow(options);
        await applyRetention({ ...options, now });
        await compressEvents({ ...options, now });
      },
    },
  ];
}

async function compactAll(pool: Pool, which: readonly Grain[], signal: AbortSignal): Promise<void> {
  for (const grain of which) while (!signal.aborted && (await compact(pool, grain)) > 0);
}
