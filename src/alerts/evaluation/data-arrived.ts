import type { Pool } from 'pg';
import { SECOND } from '../../time.ts';

/** The least time between two evaluations that new data triggers. */
const DATA_PAUSE = SECOND / 4;

// A failed rule rests even if data arrives: it may have failed because it is slow.
// A claimed rule is being evaluated, perhaps without the new data. This statement skips it and counts it as held:
// waiting for it would delay the roll-ups. `free` reads the rows as they are once locked, not as they were when the
// statement began.
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
    set next_evaluation_at = least(
      greatest($1, c.last_evaluated_at + make_interval(secs => $3)), $1 + make_interval(secs => $3))
    from free where c.id = free.id and free.next_evaluation_at > $1
    returning c.id
  )
  select (select count(*) from due) as due, (select count(*) from concerned) - (select count(*) from free) as held`;

/**
 * Makes the rules of some orgs due that are evaluated as soon as new data is rolled up.
 * @returns how many it made due, and how many an engine holds at the moment
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
