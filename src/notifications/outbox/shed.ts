import type { Database } from '../../database/pool.ts';
import { quotaSentence } from '../../quotas/quota.ts';

// Critical messages and old ones come first, so those beyond the limit are the newest of the least severity.
const SHED = `
  update analytics.notification_outbox o
  set status = 'dead', died_at = $2, failure = $3
  from (
    select id, row_number() over (partition by org_id order by (severity = 'critical') desc, id) as place
    from analytics.notification_outbox
    where status in ('waiting', 'leased') and org_id = any($4)
  ) as w
  where w.id = o.id and w.place > $1 and o.status = 'waiting'`;

const BEYOND = `
  select org_id from analytics.notification_outbox
  where status in ('waiting', 'leased') and org_id is not null
  group by org_id having count(*) > $1`;

/**
 * Gives up the messages that an org has waiting beyond its quota. They stay in the list of deliveries, and can be sent
 * again from there. Messages of rules over all orgs have no quota.
 * @param limit the most waiting messages of an org; 0: there is no limit
 * @returns how many were given up
 */
export async function shedBeyondQuota(database: Database, limit: number, now: Date): Promise<number> {
  if (limit === 0) return 0;
  const { rows } = await database.query<{ org_id: string }>(BEYOND, [limit]);
  if (rows.length === 0) return 0;
  const { rowCount } = await database.query(SHED, [
    limit,
    now,
    quotaSentence('pending_notices', limit),
    rows.map(({ org_id }) => org_id),
  ]);
  return rowCount ?? 0;
}
