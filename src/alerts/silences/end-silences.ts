import type { Pool } from 'pg';
import { type Database, withTransaction } from '../../database/pool.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { DAY, SECOND } from '../../time.ts';
import { occurrenceAt } from './recurrence.ts';
import { SILENCE_COLUMNS, silenceOf } from './stored-silences.ts';

const AT_ONCE = 200;
/** A silence of a rule that has ended within this time counts as just ended. */
const JUST_ENDED = 10 * SECOND;
/** An expired silence is removed after this time. */
const KEPT = 90 * DAY;

// Without an owed notice there is nothing to tell, and the next evaluation comes in its time.
const MAKE_DUE = `
  update analytics.alert_configs c set next_evaluation_at = $1
  where c.enabled and c.next_evaluation_at > $1
    and (coalesce(c.org_id, '${ALL_ORGS}') = any($2::text[]) or c.silenced_until between $3 and $1)
    and exists (
      select from analytics.alert_states s where s.config_id = c.id and (s.state ->> 'owed')::boolean)`;

/** Makes the rules of some orgs due that owe a notice. @param orgs `ALL_ORGS`: rules over all orgs */
export async function makeOwingDue(
  database: Database,
  orgs: readonly string[],
  now: number,
): Promise<number> {
  const { rowCount } = await database.query(MAKE_DUE, [new Date(now), orgs, new Date(now - JUST_ENDED)]);
  return rowCount ?? 0;
}

/**
 * Ends the silences whose time is over, and moves windows on to their next occurrence. The rules that owe a notice are
 * evaluated at once, however seldom they are otherwise.
 * @returns how many rules became due
 */
export function endSilences(pool: Pool, now: number): Promise<number> {
  return withTransaction(pool, async (client) => {
    const { rows } = await client.query<Parameters<typeof silenceOf>[0]>(
      `select ${SILENCE_COLUMNS} from analytics.alert_silences where closes_at <= $1
       order by closes_at limit ${AT_ONCE} for update skip locked`,
      [new Date(now)],
    );
    for (const silence of rows.map(silenceOf)) {
      const next = occurrenceAt(silence, now);
      await client.query('update analytics.alert_silences set opens_at = $2, closes_at = $3 where id = $1', [
        silence.id,
        next && new Date(next.opensAt),
        next && new Date(next.closesAt),
      ]);
    }
    await client.query(
      'delete from analytics.alert_silences where closes_at is null and ends_at < $1 and updated_at < $1',
      [new Date(now - KEPT)],
    );
    return makeOwingDue(client, [...new Set(rows.map(({ org_id }) => org_id ?? ALL_ORGS))], now);
  });
}
