import type { Database } from '../../database/pool.ts';
import type { Hold } from '../../shares/breakers.ts';
import type { Leased } from './outbox.ts';
import { GIVE_UP_AFTER } from './retry-delay.ts';

/** After so many failures in a row, old messages are given up without an attempt of their own. */
const HOPELESS_AFTER = 10;

// Messages with an attempt of their own keep its failure.
const HOLD_BACK = `
  update analytics.notification_outbox w
  set failure = case when attempts = 0 then $4 else failure end,
    status = case when created_at < $5 then 'dead' else status end,
    died_at = case when created_at < $5 then $6 else died_at end
  where channel = $1 and org_id is not distinct from $2 and recipient = $3 and status = 'waiting'
    and not_before <= $6 and (attempts = 0 or created_at < $5)
  returning status = 'dead' as "isDead"`;

/**
 * Writes to the due messages of a recipient why they wait. The hold itself is in the memory of the sender: a message that
 * comes later is held back too. One attempt after each hold would not reach all messages of a recipient that is gone, so
 * those that are too old are given up.
 * @param hold without `failuresInARow`: the recipient got too many messages
 * @returns how many were given up
 */
export async function holdBack(
  database: Database,
  { channel, orgId, recipient }: Leased,
  { failuresInARow = 0, until, failure }: Partial<Hold> & Pick<Hold, 'until'> & { failure: string },
  now: Date,
): Promise<number> {
  const why =
    failuresInARow === 0
      ? 'the recipient got too many messages'
      : `the last ${failuresInARow} attempts to reach the recipient failed`;
  const words = `held back until ${new Date(until).toISOString()}, because ${why}: ${failure}`;
  const giveUpBefore = failuresInARow < HOPELESS_AFTER ? null : new Date(now.getTime() - GIVE_UP_AFTER);
  const { rows } = await database.query<{ isDead: boolean }>(HOLD_BACK, [
    channel,
    orgId,
    recipient,
    words,
    giveUpBefore,
    now,
  ]);
  return rows.filter(({ isDead }) => isDead).length;
}
