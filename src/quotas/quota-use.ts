import type { Database } from '../database/pool.ts';
import { ALL_ORGS } from '../events/all-orgs.ts';
import { DAY, SECOND } from '../time.ts';
import { type Limits, type QuotaName, quotaNames } from './quota.ts';

/** The quotas of things that an org keeps. Each relation has a row with the `org_id` for each thing. */
const KEPT = {
  rules: 'analytics.alert_configs',
  api_keys: `(select unnest(orgs) as org_id from analytics.api_keys
    where revoked_at is null and (expires_at is null or expires_at > now())) as k`,
  webhooks: 'analytics.webhook_endpoints',
  preferences: 'analytics.notification_preferences',
  series: 'analytics.series',
  detailed_series: 'analytics.series',
  pending_notices: `(select org_id from analytics.notification_outbox where status in ('waiting', 'leased')) as n`,
  open_exports: `(select org_id from analytics.export_jobs where status in ('pending', 'running')) as e`,
} as const satisfies Partial<Record<QuotaName, string>>;

export type KeptQuota = keyof typeof KEPT;

function isKept(quota: QuotaName): quota is KeptQuota {
  return Object.hasOwn(KEPT, quota);
}

/** How many of the things an org has now. */
export async function keptBy(database: Database, quota: KeptQuota, orgId: string): Promise<number> {
  const { rows } = await database.query<{ used: number }>(
    `select count(*) as used from ${KEPT[quota]} where org_id = $1`,
    [orgId],
  );
  return rows[0]?.used ?? 0;
}

/** The UTC day of a moment, as PostgreSQL reads it. */
export function dayAt(now: number): string {
  return new Date(now).toISOString().slice(0, 10);
}

/** Seconds until the next UTC day begins. */
export function secondsLeftOfDay(now: number): number {
  return Math.ceil((DAY - (now % DAY)) / SECOND);
}

/** The first UTC day that counts for a quota of days. */
function firstDay(quota: QuotaName, { keptDays }: Limits, now: number): string {
  return dayAt(quota === 'stored_bytes' ? now - (keptDays - 1) * DAY : now);
}

/**
 * A condition over days `u` of an org: they count for a quota. `$1` is the quota, and `$2` the first day that counts for an org
 * without a retention of its own.
 */
const COUNTS = `u.quota = $1 and u.day between $2 and $3 and not exists (
  select 1 from analytics.org_retention r
  where $1 = 'stored_bytes' and r.org_id = u.org_id and u.day <= $3::date - r.raw_days)`;

/** What orgs have used of a quota of days, by org. */
export async function usedInDays(
  database: Database,
  { quota, limits, now }: { quota: QuotaName; limits: Limits; now: number },
  orgIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await database.query<{ org_id: string; used: number }>(
    `select u.org_id, sum(u.used)::bigint as used from analytics.quota_days u
     where ${COUNTS} and u.org_id = any($4) group by u.org_id`,
    [quota, firstDay(quota, limits, now), dayAt(now), orgIds],
  );
  return new Map(rows.map(({ org_id, used }) => [org_id, used]));
}

/** The orgs that use at least so much of a quota. */
export async function orgsThatUse(
  database: Database,
  { quota, limits, now }: { quota: QuotaName; limits: Limits; now: number },
  atLeast: number,
): Promise<{ orgId: string; used: number }[]> {
  const { rows } = isKept(quota)
    ? await database.query<{ orgId: string; used: number }>(
        `select org_id as "orgId", count(*) as used from ${KEPT[quota]}
         where org_id <> '${ALL_ORGS}' group by org_id having count(*) >= $1`,
        [atLeast],
      )
    : await database.query<{ orgId: string; used: number }>(
        `select u.org_id as "orgId", sum(u.used)::bigint as used from analytics.quota_days u
         where ${COUNTS} group by u.org_id having sum(u.used) >= $4`,
        [quota, firstDay(quota, limits, now), dayAt(now), atLeast],
      );
  return rows;
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
  // Two quotas count the series, which takes tens of milliseconds for the most that an org may have.
  const counted = new Map<string, number>();
  const used = async (quota: QuotaName): Promise<number> => {
    if (!isKept(quota)) return (await usedInDays(database, { quota, limits, now }, [orgId])).get(orgId) ?? 0;
    const count = counted.get(KEPT[quota]) ?? (await keptBy(database, quota, orgId));
    counted.set(KEPT[quota], count);
    return count;
  };
  const uses: QuotaUse[] = [];
  // One after the other, so that a request takes one connection.
  for (const quota of quotaNames) {
    const limit = limits[quota] === 0 ? null : limits[quota];
    uses.push({ quota, limit, used: await used(quota) });
  }
  return uses;
}
