import type { Pool } from 'pg';
import { withTransaction } from '../database/pool.ts';
import { Rounds } from '../jobs/rounds.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { type Clock, DAY, MINUTE } from '../time.ts';
import { type Limits, type QuotaName, quotaNames } from './quota.ts';
import { dayAt, orgsThatUse } from './quota-use.ts';

const EVERY = MINUTE / 2;
/** Counting the series of all orgs reads all of them. */
const COUNT_SERIES_EVERY = 10 * MINUTE;
/** The share of a quota from which an org is near it. */
const NEAR = 0.8;
/** The share from which the measurement keeps an org. */
const KEPT_FROM = 0.5;
/** Days that what orgs have used is kept beyond those that count. */
const KEPT_AFTER = 30;

interface MeasuredUse {
  quota: QuotaName;
  orgId: string;
  used: number;
  /** 1: all of the quota. */
  share: number;
}

interface Measuring {
  pool: Pool;
  limits: Limits;
  clock: Clock;
  log: Log;
  metrics: Metrics;
}

/** The orgs that have most series, as counted in the last ten minutes. */
class LargestSeries {
  readonly #pool: Pool;
  #orgs: { orgId: string; used: number }[] = [];
  #countedAt = Number.NEGATIVE_INFINITY;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** @returns the orgs with at least half of either quota of series, and perhaps some with less */
  async read(limits: Limits, now: number): Promise<{ orgId: string; used: number }[]> {
    if (Math.abs(now - this.#countedAt) < COUNT_SERIES_EVERY) return this.#orgs;
    const bounds = [limits.series, limits.detailed_series].filter((limit) => limit > 0);
    const atLeast = Math.ceil(Math.min(...bounds) * KEPT_FROM);
    this.#orgs = await orgsThatUse(this.#pool, { quota: 'series', limits, now }, atLeast);
    this.#countedAt = now;
    return this.#orgs;
  }
}

/** Measures regularly how much of its quotas each org uses, for metrics and alert rules. */
export function startMeasuringQuotas(options: Measuring): { stop(): Promise<void> } {
  const { log, metrics } = options;
  const series = new LargestSeries(options.pool);
  let before = new Set<string>();
  const rounds = new Rounds({ name: 'quotas', log });
  rounds.begin('measure', async () => {
    const near = (await measureUse(options, series)).filter(({ share }) => share >= NEAR);
    for (const one of near) {
      if (!before.has(`${one.quota} ${one.orgId}`)) log.warn(one, 'an org uses most of a quota');
    }
    before = new Set(near.map(({ quota, orgId }) => `${quota} ${orgId}`));
    for (const quota of quotaNames) {
      const ofQuota = near.filter((one) => one.quota === quota);
      metrics.quotaOrgs.set({ quota, level: 'near' }, ofQuota.length);
      metrics.quotaOrgs.set({ quota, level: 'reached' }, ofQuota.filter(({ share }) => share >= 1).length);
    }
    return EVERY;
  });
  return { stop: () => rounds.stop() };
}

/** Measures once, and keeps the orgs that use at least half of a quota. */
export async function measureUse(
  { pool, limits, clock }: Pick<Measuring, 'pool' | 'limits' | 'clock'>,
  series = new LargestSeries(pool),
): Promise<MeasuredUse[]> {
  const now = clock.now();
  const measured: MeasuredUse[] = [];
  for (const quota of quotaNames) {
    const limit = limits[quota];
    if (limit === 0) continue;
    const atLeast = Math.ceil(limit * KEPT_FROM);
    const orgs =
      quota === 'series' || quota === 'detailed_series'
        ? await series.read(limits, now)
        : await orgsThatUse(pool, { quota, limits, now }, atLeast);
    const using = orgs.filter(({ used }) => used >= atLeast);
    measured.push(...using.map(({ orgId, used }) => ({ quota, orgId, used, share: used / limit })));
  }
  await withTransaction(pool, async (client) => {
    // Two processes that measure at the same moment replace the rows one after the other.
    await client.query('lock table analytics.quota_use in share row exclusive mode');
    await client.query('delete from analytics.quota_use');
    await client.query(
      `insert into analytics.quota_use (quota, org_id, used, share)
       select quota, "orgId", used, share
       from jsonb_to_recordset($1::jsonb) as m (quota text, "orgId" text, used bigint, share double precision)`,
      [JSON.stringify(measured)],
    );
    const oldest = dayAt(now - (limits.keptDays + KEPT_AFTER) * DAY);
    await client.query('delete from analytics.quota_days where day < $1', [oldest]);
  });
  return measured;
}

/** The share that an org uses of a quota. */
interface QuotaShare {
  quota: QuotaName;
  orgId: string;
  /** 1: all of the quota. */
  share: number;
}

/** What orgs use of their quotas, as measured last, the largest shares first. Less than half is left out. */
export async function largestShares(database: Pick<Pool, 'query'>, most: number): Promise<QuotaShare[]> {
  const { rows } = await database.query<QuotaShare>(
    `select quota, org_id as "orgId", share from analytics.quota_use
     order by share desc, org_id, quota limit $1`,
    [most],
  );
  return rows;
}
