import type { PoolClient } from 'pg';
import { usage } from '../../events/types/usage.ts';
import { type FreshnessRow, freshnessOf, freshnessSql } from '../../queries/reading/freshness.ts';
import { queryWithWaitingWork } from '../../queries/reading/waiting-work.ts';

/** Every event of the org that was acknowledged before this time is in the numbers; ISO. */
export async function completeTo(client: PoolClient, orgId: string): Promise<string> {
  const { rows } = await queryWithWaitingWork(client, orgId, (waitingFor) => {
    const values: unknown[] = [orgId, usage.type];
    const waiting = waitingFor((value) => `$${values.push(value)}`);
    return client.query<FreshnessRow>(freshnessSql(waiting), values);
  });
  return freshnessOf(rows[0]).asOf;
}
