import type { Pool } from 'pg';
import { SECOND } from '../../time.ts';

/** Evaluations at the arrival of data are at least so far apart. */
const DATA_PAUSE = SECOND / 4;

// A rule that failed rests, whatever arrives: it may have failed as it takes long.
// A rule that somebody holds is being evaluated, without the new data as it may be, and says only afterwards when it is
// due again: nobody waits for that here, as roll-ups would wait too. What is free is compared as it was locked, not as
// it was when the statement began.
const MAKE_DUE = `
  with concerned as (
    select id from analytics.alert_configs
    where enabled and on_data and failures = 0 and ($2::text[] is null or org_id is null or org_id = any($2))
  ), free as (
    select id, next_evaluation_at from analytics.alert_configs
    where id in (select id from concerned)
    for update skip locked
  ), due as (
    update analytics.alert_configs c
    set next_evaluation_at = greatest($1, c.last_evaluated_at + make_interval(secs => $3))
    from free where c.id = free.id and free.next_evaluation_at > $1
    returning c.id
  )
  select (select count(*) from due) as due, (select count(*) from concerned) - (select count(*) from free) as held`;

/**
 * Makes the rules of these orgs due that are evaluated as soon as there is data.
 * @returns how many it made due, and how many it could not as somebody holds them
 */
export async function makeDue(
  pool: Pool,
  orgIds: readonly string[] | 'all',
  now: number,
): Promise<{ due: number; held: number }> {
  const { rows } = await pool.query<{ due: number; held: number }>(MAKE_DUE, [
    new Date(now),
    orgIds === 'all' ? null : orgIds,
    DATA_PAUSE / SECOND,
  ]);
  return rows[0] ?? { due: 0, held: 0 };
}
