import { beforeEach } from 'vitest';
import { promote, promoteAll, rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { grainNamed } from '../../../src/rollups/grains.ts';
import type { PriceDifference } from '../../../src/rollups/remake/price-difference.ts';
import { reprice, repriceDifference } from '../../../src/rollups/remake/reprice.ts';
import { DAY, systemClock } from '../../../src/time.ts';
import { useDatabase } from '../database/database.ts';
import { useIngestion } from './ingestion.ts';
import { type MlJobEvent, makeJob } from './ml-jobs.ts';
import { caller, putPrice } from './prices.ts';

interface Range {
  from: Date;
  to: Date;
  provider?: string;
  model?: string;
}

function at(time: string) {
  return new Date(`2026-11-${time}Z`);
}

const now = at('18T12:00').getTime();
const ALL = { from: at('01T00:00'), to: at('19T00:00') };

/** The price of replicate doubles at this moment, within a minute. */
export const CHANGE = '2026-11-10T13:07:31.250Z';

/** Jobs over 17 days up to 2026-11-18T12:00Z, some with a cost of their own, without randomness. */
export function repriceableJobs(): MlJobEvent[] {
  return Array.from({ length: 300 }, (_, index) =>
    makeJob({
      occurredAt: new Date(now - ((index * 104_729_777) % (17 * DAY))).toISOString(),
      orgId: index % 3 === 0 ? 'globex' : 'acme',
      provider: ['replicate', 'gemini', 'tripo'][index % 3] ?? 'tripo',
      pipeline: index % 2 === 0 ? '3d' : 'descriptions',
      status: index % 7 === 0 ? 'error' : 'success',
      durationMs: 1 + ((index * 7_919) % 60_000) + 0.5,
      ...(index % 5 === 0 && { costCents: index / 100 }),
      ...(index % 3 === 1 && index % 4 > 0 && { inputTokens: index * 17, outputTokens: index * 5 }),
    }),
  );
}

/** A database of jobs to reprice, empty before each test. The clock of its ingestion stands still. */
export function useRepricing() {
  const database = useDatabase();
  const ingestion = useIngestion(database, { now: () => now });
  beforeEach(async () => {
    await database.pool.query(
      `truncate analytics.events, analytics.event_keys, analytics.ingestion_batches, analytics.rollups,
         analytics.folds, analytics.removals, analytics.prices, analytics.daily_books, analytics.booked_days`,
    );
  });

  const rollUpAll = async () => {
    while ((await rollUp(database.pool)) > 0);
  };
  return {
    database,
    ingestion,
    at,
    now,
    rollUpAll,
    apply: (range: Range = ALL) => reprice(database.pool, range, { caller, clock: systemClock }),
    show: (range: Range = ALL) => repriceDifference(database.pool, range),

    /** Stores jobs in several batches, in folds of every kind. The last batch waits. */
    async storeJobs() {
      const events = repriceableJobs();
      const store = (from: number, to: number) => ingestion.store(...events.slice(from, to));
      await store(0, 150);
      await rollUpAll();
      await promoteAll(database.pool, grainNamed('week'));
      await store(150, 210);
      await rollUpAll();
      await promoteAll(database.pool, grainNamed('hour'));
      await store(210, 270);
      await rollUpAll();
      await promote(database.pool, grainNamed('quarter_hour'));
      await store(270, 300);
    },

    /** Replicate is priced by the second, gemini by tokens until its price ends. */
    async putPrices() {
      const prices = [
        { provider: 'replicate', effectiveFrom: '2026-11-01', centsPerSecond: 0.140001 },
        { provider: 'replicate', effectiveFrom: CHANGE, centsPerSecond: 0.280001 },
        {
          provider: 'gemini',
          effectiveFrom: '2026-11-01',
          effectiveTo: '2026-11-16',
          centsPerMillionInputTokens: 7.5,
          centsPerMillionOutputTokens: 30,
        },
      ];
      for (const price of prices) await putPrice(database.pool, price);
    },
  };
}

/** The cost of a raw job by these prices, in plain SQL over its columns. A job with its own cost keeps it. */
export function expectedCost(change = CHANGE): string {
  return `case
  when cost_source = 'given' then cost
  when provider = 'replicate' then round(
    case when occurred_at < '${change}' then 0.140001 else 0.280001 end * 10000000 * value / 1000000.0)
  when provider = 'gemini' and occurred_at < '2026-11-16' then round(
    (7.5 * input_tokens + 30 * output_tokens) * 10000000 / 1000000)
end`;
}

/** The number of jobs that change or have changed. */
export function changedJobs(differences: readonly PriceDifference[]): number {
  return differences.reduce((sum, { changed }) => sum + changed, 0);
}
