import type { Pool } from 'pg';
import { Rounds } from '../../jobs/rounds.ts';
import type { Log } from '../../telemetry/log.ts';
import { SECOND } from '../../time.ts';
import { RecentLog } from './recent-log.ts';
import { addEntries, trimEntries } from './recent-table.ts';

/** How long an answer may lack what was just taken in. */
export const FLUSH_EVERY = 2 * SECOND;
/** The rows that this process adds for an org before it trims them. */
const ROWS_BETWEEN_TRIMS = 20;

/** Gathers what arrives for each org, and adds it to the database every two seconds: one statement for all orgs. */
export function startRecent({ pool, log }: { pool: Pool; log: Log }): {
  recent: RecentLog;
  stop(): Promise<void>;
} {
  const recent = new RecentLog();
  /** Rows since the last trim, by org. */
  const added = new Map<string, number>();
  const flush = async () => {
    const entries = recent.take();
    if (entries.size === 0) return;
    await addEntries(pool, entries);
    const full: string[] = [];
    for (const orgId of entries.keys()) {
      // The first row counts as many, because an earlier process may have left untrimmed rows.
      const rows = (added.get(orgId) ?? ROWS_BETWEEN_TRIMS) + 1;
      if (rows > ROWS_BETWEEN_TRIMS) full.push(orgId);
      added.set(orgId, rows > ROWS_BETWEEN_TRIMS ? 0 : rows);
    }
    if (full.length > 0) await trimEntries(pool, full);
  };
  const rounds = new Rounds({ name: 'recent ingestion', log });
  rounds.begin('flush', async () => {
    await flush();
    return FLUSH_EVERY;
  });
  return {
    recent,
    async stop() {
      await rounds.stop();
      await flush().catch((error) =>
        log.warn({ err: error }, 'what arrived last is not in ingestion/recent'),
      );
    },
  };
}
