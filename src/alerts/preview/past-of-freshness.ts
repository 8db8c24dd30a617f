import type { Pool } from 'pg';
import { SECOND } from '../../time.ts';
import { momentaryObservation } from '../decision/observation.ts';
import { lagsOf, type Waiting } from '../observing/lags.ts';
import type { Rule } from '../rules/rule.ts';
import { every, type Past, type PastWanted } from './past.ts';

/**
 * Thirty days at one evaluation every half a minute; rules with a shorter interval are replayed less often than live.
 */
const MOST_EVALUATIONS = 100_000;

const FIRST_STORED = `
  select completed_at as at from analytics.ingestion_batches
  where $1::text is null or $1 = any(org_ids)
  order by completed_at limit 1`;

/**
 * The start of each wait for the roll-up, with the first and the last moment of the grid that lie in it. Most batches
 * wait for a second, and no moment of the grid lies in that.
 */
const WAITED = `
  select first, last, extract(epoch from min(completed_at))::float8 * 1000 as since
  from (
    select completed_at,
      greatest(0, ceil(extract(epoch from completed_at - $2) * 1000 / $3))::int as first,
      coalesce(ceil(extract(epoch from rolled_up_at - $2) * 1000 / $3)::int - 1, $4) as last
    from analytics.ingestion_batches
    where ($1::text is null or $1 = any(org_ids)) and (rolled_up_at is null or rolled_up_at > $2)
  ) as batches
  where first <= last and first <= $4
  group by first, last
  order by since`;

/**
 * The past of a rule over freshness, from the batches: for 35 days they are kept with the times at which they were
 * stored and rolled up. After a day, only the longest wait of each hour is kept of the batches that waited for some
 * seconds (`mergeBatches`).
 */
export async function pastOfFreshness(
  pool: Pool,
  rule: Rule,
  { orgId, now: present, reach, until: now = present }: PastWanted,
): Promise<Past> {
  const stored = await pool.query<{ at: Date }>(FIRST_STORED, [orgId]);
  const first = stored.rows[0]?.at.getTime() ?? null;
  const from = Math.max(now - reach, first ?? now);
  const step = Math.max(rule.intervalSeconds, Math.ceil((now - from) / SECOND / MOST_EVALUATIONS)) * SECOND;
  // The last moment is now, as in a live evaluation.
  const moments = Math.floor((now - from) / step) + 1;
  const start = now - (moments - 1) * step;
  const { rows } = await pool.query<Waiting>(WAITED, [orgId, new Date(start), step, moments - 1]);
  const lags = lagsOf(rows, { start, step, moments });
  return {
    start,
    end: now,
    coarseUntil: start,
    step,
    dataFrom: first === null ? null : from,
    groups: [
      {
        group: {},
        moments: first === null ? [] : every(step, start, now),
        observe: (at) => momentaryObservation(lags[Math.round((at - start) / step)] ?? 0),
      },
    ],
    groupsLeftOut: 0,
  };
}
