import type { Pool } from 'pg';
import { dayOf, EventPartitions } from '../../src/ingestion/partitions.ts';
import { promote, rollUp } from '../../src/rollups/fold/roll-up.ts';
import { type Grain, grainNamed } from '../../src/rollups/grains.ts';
import { rebuild } from '../../src/rollups/remake/rebuild.ts';
import { FOLDS_TO_PROMOTE } from '../../src/rollups/worker.ts';
import { DAY, MINUTE } from '../../src/time.ts';
import { progress } from './progress.ts';
import { seedCustomers } from './seed-customers.ts';
import { ORGS } from './seed-events.ts';
import { storeRawEvents } from './seed-raw.ts';
import { seedRollups } from './seed-rollups.ts';
import { seedSeries } from './seed-series.ts';

/** Days of raw events: the default retention of the service. */
export const RAW_DAYS = 7;

const grain = grainNamed;
/** Thirteen months by default. */
const DAYS = Number(process.env.BENCH_DAYS ?? 395);

/** Seeded rollups of each grain before the raw events: the days, and the number of orgs from the largest down. */
const history: readonly { grain: Grain; days: number; orgs: number }[] = [
  { grain: grain('week'), days: DAYS + 7, orgs: ORGS },
  { grain: grain('day'), days: DAYS, orgs: ORGS },
  { grain: grain('hour'), days: 60, orgs: 4 },
  { grain: grain('quarter_hour'), days: 30, orgs: 1 },
];

/** Seeds the rollups of 250 orgs up to `rawFrom`. */
export async function seedHistory(pool: Pool, rawFrom: number): Promise<void> {
  const days = Array.from({ length: RAW_DAYS }, (_, index) => dayOf((rawFrom + index * DAY) * 1_000));
  await new EventPartitions(pool).ensure(days);
  await seedSeries(pool);
  for (const { grain, days, orgs } of history) {
    const onDay = (at: number) =>
      progress(`seeding, ${grain.name}: ${new Date(at).toISOString().slice(0, 10)}`);
    await seedRollups(pool, grain, { from: rawFrom - days * DAY, to: rawFrom }, { orgs, onDay });
  }
  await seedCustomers(pool, { from: rawFrom - DAYS * DAY, to: rawFrom });
}

/** Stores raw events of the last days, and lets the service roll them up. */
export async function addRawDays(pool: Pool, count: number, from: number): Promise<void> {
  const until = Date.now() - MINUTE;
  for (let left = count; left > 0; left -= 100_000) {
    progress(`storing raw events: ${left.toLocaleString('en')} to go`);
    await storeRawEvents(pool, Math.min(left, 100_000), { from, to: until }, { rolledUp: true });
  }
  progress('rolling the raw events up');
  await rebuild(pool, { from: new Date(from), to: new Date() });
}

/** Rolls batches up with the service's code, and leaves the maximum number of folds waiting at each grain. */
export async function leaveFoldsWaiting(pool: Pool): Promise<void> {
  const steps: [upTo: Grain | undefined, events: number][] = [
    [grain('hour'), 5_000],
    [grain('quarter_hour'), 3_000],
    [undefined, 1_000],
  ];
  for (const [upTo, events] of steps) {
    for (let fold = 1; fold < FOLDS_TO_PROMOTE; fold++) {
      progress(`waiting folds, ${upTo?.name ?? 'minute'}: ${fold}`);
      const now = Date.now();
      await storeRawEvents(pool, events, { from: now - 5 * MINUTE, to: now }, { rolledUp: false });
      await rollUp(pool);
      if (upTo) await promote(pool, grain('quarter_hour'));
      if (upTo?.name === 'hour') await promote(pool, upTo);
    }
  }
}

/** Whether an earlier run has seeded the database. */
export async function isSeeded(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ there: boolean }>(
    `select to_regclass('bench.seeded') is not null as there`,
  );
  return rows[0]?.there ?? false;
}

export async function recordSeeded(pool: Pool): Promise<void> {
  await pool.query('create table bench.seeded ()');
}

/** Does the work of autovacuum at once. */
export async function settle(pool: Pool): Promise<void> {
  progress('vacuum');
  await pool.query('vacuum (analyze)');
  await pool.query('checkpoint');
}
