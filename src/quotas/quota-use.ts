import type { Database } from '../database/pool.ts';
import { DAY } from '../time.ts';
import { type Limits, type QuotaName, quotaNames } from './quota.ts';

/** The quotas of things that an org keeps, each with the query that counts them for the org `$1`. */
const KEPT = {
  rules: 'select count(*) as used from analytics.alert_configs where org_id = $1',
  api_keys: `select count(*) as used from analytics.api_keys
    where $1 = any(orgs) and revoked_at is null and (expires_at is null or expires_at > now())`,
  webhooks: 'select count(*) as used from analytics.webhook_endpoints where org_id = $1',
  series: 'select count(*) as used from analytics.series where org_id = $1',
} as const satisfies Partial<Record<QuotaName, string>>;

export type KeptQuota = keyof typeof KEPT;

function isKept(quota: QuotaName): quota is KeptQuota {
  return Object.hasOwn(KEPT, quota);
}

/** How many of the things an org has now. */
export async function keptBy(database: Database, quota: KeptQuota, orgId: string): Promise<number> {
  const { rows } = await database.query<{ used: number }>(KEPT[quota], [orgId]);
  return rows[0]?.used ?? 0;
}

/** The UTC day of a moment, as PostgreSQL reads it. */
export function dayAt(now: number): string {
  return new Date(now).toISOString().slice(0, 10);
}

/** Seconds until the next UTC day begins. */
export function secondsLeftOfDay(now: number): number {
  return Math.ceil((DAY - (now % DAY)) / 1_000);
}

async function usedToday(database: Database, orgId: string, now: number): Promise<Map<string, number>> {
  const { rows } = await database.query<{ quota: string; used: number }>(
    'select quota, used from analytics.quota_days where org_id = $1 and day = $2',
    [orgId, dayAt(now)],
  );
  return new Map(rows.map(({ quota, used }) => [quota, used]));
}

/** One quota of an org, as its limits show it. */
export interface QuotaUse {
  quota: QuotaName;
  /** `null`: there is no limit. */
  limit: number | null;
  used: number;
}

/** Every quota of an org, with its limit and what is used. */
export async function quotaUse(
  database: Database,
  limits: Limits,
  orgId: string,
  now: number,
): Promise<QuotaUse[]> {
  const today = await usedToday(database, orgId, now);
  return Promise.all(
    quotaNames.map(async (quota) => ({
      quota,
      limit: limits[quota] === 0 ? null : limits[quota],
      used: isKept(quota) ? await keptBy(database, quota, orgId) : (today.get(quota) ?? 0),
    })),
  );
}
