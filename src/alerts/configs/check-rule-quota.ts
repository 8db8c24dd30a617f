import type { PoolClient } from 'pg';
import { checkQuota } from '../../quotas/check-quota.ts';
import type { Limits } from '../../quotas/quota.ts';
import type { ConfigChange } from './plan-import.ts';

/**
 * Refuses changes after which an org would have too many rules. Rules over all orgs do not count: only admins add them.
 * @throws {CodedError} `quota_exceeded`
 */
export async function checkRuleQuota(
  client: PoolClient,
  limits: Limits | undefined,
  changes: readonly Pick<ConfigChange, 'action' | 'orgId'>[],
): Promise<void> {
  if (!limits) return;
  const added = new Map<string, number>();
  for (const { action, orgId } of changes) {
    const more = action === 'create' ? 1 : action === 'delete' ? -1 : 0;
    if (orgId !== null) added.set(orgId, (added.get(orgId) ?? 0) + more);
  }
  // In one order, so that two callers wait for each other instead of deadlocking.
  for (const [orgId, more] of [...added].sort(([a], [b]) => (a < b ? -1 : 1))) {
    await checkQuota(client, limits, { quota: 'rules', orgId, more });
  }
}
