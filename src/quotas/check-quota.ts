import type { PoolClient } from 'pg';
import { QUOTA_LOCKS } from '../database/advisory-locks.ts';
import { type Limits, quotaExceeded } from './quota.ts';
import { type KeptQuota, keptBy } from './quota-use.ts';

/**
 * Refuses things that an org has no room for. The lock makes two callers at the same moment count one after the other,
 * so call it in the transaction that adds the things.
 * @throws {CodedError} `quota_exceeded`
 */
export async function checkQuota(
  client: PoolClient,
  limits: Limits,
  { quota, orgId, more }: { quota: KeptQuota; orgId: string; more: number },
): Promise<void> {
  const limit = limits[quota];
  if (limit === 0 || more <= 0) return;
  await client.query('select pg_advisory_xact_lock($1, hashtext($2))', [QUOTA_LOCKS, `${quota} ${orgId}`]);
  if ((await keptBy(client, quota, orgId)) + more > limit) throw quotaExceeded(quota, limit);
}
