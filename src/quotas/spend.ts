import type { Database } from '../database/pool.ts';
import type { Limits, QuotaName } from './quota.ts';
import { dayAt } from './quota-use.ts';

/** A daily quota of an org, at a moment (milliseconds). */
export interface DayQuota {
  quota: QuotaName;
  orgId: string;
  now: number;
}

/** Takes one from what is left of a daily quota. @returns whether any was left */
export async function spend(
  database: Database,
  limits: Limits,
  { quota, orgId, now }: DayQuota,
): Promise<boolean> {
  const { rowCount } = await database.query(
    `insert into analytics.quota_days as d (org_id, quota, day, used) values ($1, $2, $3, 1)
     on conflict (day, org_id, quota) do update set used = d.used + 1 where $4 = 0 or d.used < $4`,
    [orgId, quota, dayAt(now), limits[quota]],
  );
  return rowCount === 1;
}

/** Gives back one that was taken for nothing. */
export async function giveBack(database: Database, { quota, orgId, now }: DayQuota): Promise<void> {
  await database.query(
    `update analytics.quota_days set used = used - 1
     where org_id = $1 and quota = $2 and day = $3 and used > 0`,
    [orgId, quota, dayAt(now)],
  );
}
