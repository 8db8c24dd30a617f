/**
 * Raw events are removed by the day. An org may keep fewer days of them than the others: of such a day, raw events are
 * there of some orgs only.
 */
import type { PoolClient } from 'pg';
import type { Queryable } from '../database/pool.ts';

/** The moment from which on raw events of an org are kept; `undefined` while none have been removed. */
export async function eventsKeptFrom(
  database: Queryable | PoolClient,
  orgId: string,
): Promise<Date | undefined> {
  const { rows } = await database.query<{ kept_from: Date | null }>(
    `select greatest(
       (select removed_before from analytics.removals where what = 'events'),
       (select removed_before from analytics.org_retention where org_id = $1)) as kept_from`,
    [orgId],
  );
  return rows[0]?.kept_from ?? undefined;
}

/** The org that has had its raw events removed up to the latest day, and that day; `undefined` if none keeps fewer days. */
export async function shortestKept(
  database: Queryable | PoolClient,
): Promise<{ orgId: string; from: Date } | undefined> {
  const { rows } = await database.query<{ orgId: string; from: Date }>(
    `select org_id as "orgId", removed_before as "from" from analytics.org_retention
     where removed_before is not null order by removed_before desc, org_id limit 1`,
  );
  return rows[0];
}

/**
 * A condition: a row is of an org and a time whose raw events were not removed before those of other orgs.
 * @param row the alias of a row with an `org_id`
 */
export function isOfKeptDay(row: string, time = 'occurred_at'): string {
  return `not exists (
    select 1 from analytics.org_retention k where k.org_id = ${row}.org_id and ${row}.${time} < k.removed_before)`;
}
