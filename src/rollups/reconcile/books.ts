import type { Pool } from 'pg';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { differingColumns, reconcileDays } from './days.ts';
import type { Drift } from './drift.ts';

/** What the books of removed days say. */
export interface BookReconciliation {
  /** Days of orgs that were compared with their books. */
  days: number;
  drifts: Drift[];
}

/**
 * Compares the rollups of days whose raw events were removed with the books of these days, org by org.
 * @param to the end of the range, which need not be given
 */
export async function reconcileBooks(
  pool: Pool,
  asked: { from?: Date; to?: Date } = {},
): Promise<BookReconciliation> {
  const { rows } = await pool.query<{ org_id: string; first: Date; last: Date }>(
    `select b.org_id, min(b.day) as first, max(b.day) + interval '1 day' as last
     from analytics.daily_books b left join analytics.org_retention o on o.org_id = b.org_id
     where b.org_id <> '${ALL_ORGS}'
       and ($1::timestamptz is null or b.day >= $1) and ($2::timestamptz is null or b.day < $2)
       and b.day < greatest(o.removed_before, (select removed_before from analytics.removals where what = 'events'))
     group by b.org_id order by b.org_id`,
    [asked.from, asked.to],
  );
  const found: BookReconciliation = { days: 0, drifts: [] };
  for (const { org_id: orgId, first, last } of rows) {
    const compared = await reconcileDays(pool, { orgId, from: first, to: last });
    for (const day of compared.filter(({ source }) => source === 'book')) {
      found.days++;
      const differing = differingColumns(day);
      if (differing.length === 0) continue;
      found.drifts.push({
        ...{ orgId, type: day.type, grain: 'day' as const, bucketStart: day.day },
        differences: differing.map((what) => ({
          what,
          raw: `${day.raw[what]}`,
          rolledUp: `${day.rollups[what]}`,
        })),
      });
    }
  }
  return found;
}
