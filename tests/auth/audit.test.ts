import { expect, test } from 'vitest';
import { createAudit } from '../../src/auth/audit.ts';
import { useDatabase } from '../support/database/database.ts';

const database = useDatabase();

test('the audit log keeps who did what to which org and when, and never removes a line', async () => {
  const at = new Date('2026-01-02T03:04:05.678Z');
  const record = createAudit(database.pool, { now: () => at.getTime() });
  const actor = { id: 'ada', roles: ['admin'], orgs: [], via: 'jwt' } as const;
  await record({
    actor,
    action: 'org.read',
    orgId: 'acme',
    route: 'GET /analytics/v1/orgs/:orgId/usage',
    requestId: 'r-1',
  });

  const { rows } = await database.pool.query(
    'select at, actor_id, actor_via, action, org_id, subject, route, request_id from analytics.audit_log',
  );
  expect(rows).toEqual([
    {
      at,
      actor_id: 'ada',
      actor_via: 'jwt',
      action: 'org.read',
      org_id: 'acme',
      subject: null,
      route: 'GET /analytics/v1/orgs/:orgId/usage',
      request_id: 'r-1',
    },
  ]);
  for (const change of [
    'update analytics.audit_log set actor_id = $$eve$$',
    'delete from analytics.audit_log',
    'truncate analytics.audit_log',
  ]) {
    await expect(database.pool.query(change)).rejects.toThrow('append-only');
  }
});
