import type { Pool } from 'pg';
import { DAY } from '../../../src/time.ts';
import { silentLog } from '../events/ingestion.ts';

/** The default retention of a service: raw events of a week, ids of 32 days. */
export function usualRetention(pool: Pool) {
  return {
    pool,
    log: silentLog,
    rawRetention: 7 * DAY,
    dedupWindow: 32 * DAY,
  };
}
