import type { Pool } from 'pg';
import { orgsIn } from '../../auth/actor.ts';
import { recordAudits } from '../../auth/audit.ts';
import type { Caller } from '../../auth/caller.ts';
import { withTransaction } from '../../database/pool.ts';
import { CodedError } from '../../errors.ts';
import type { Clock } from '../../time.ts';
import { listDeliveries } from './deliveries.ts';
import { replayDead } from './outbox.ts';

/**
 * Sends a dead notice of the caller's orgs once more, and records it in the audit log.
 * @throws {CodedError} `not_found`
 */
export async function replayDelivery(
  { pool, clock }: { pool: Pool; clock: Clock },
  id: string,
  caller: Caller,
): Promise<void> {
  const orgs = orgsIn(caller.actor, 'alerts:write');
  await withTransaction(pool, async (client) => {
    const [found] = await listDeliveries(client, { orgs, status: 'dead', id, limit: 1 });
    if (!found || !(await replayDead(client, id, new Date(clock.now())))) {
      throw new CodedError(
        'not_found',
        `There is no dead notice ${id}. Only a dead notice can be sent again.`,
      );
    }
    const ofOrg = found.orgId === null ? {} : { orgId: found.orgId };
    await recordAudits(client, clock, [{ ...caller, action: 'notification.replay', ...ofOrg, subject: id }]);
  });
}
