import type { FastifyInstance } from 'fastify';
import { LRUCache } from 'lru-cache';
import { reachesBeyondOwnOrgs } from '../../auth/actor.ts';
import type { RecordAudit } from '../../auth/audit.ts';
import { MINUTE } from '../../time.ts';
import { callerOf } from './caller.ts';

/** A read that is repeated within this time has one entry. A page that asks each second would fill the log otherwise. */
const REPEATED_WITHIN = MINUTE;
const MOST_READS = 10_000;

/**
 * Audits reads beyond the caller's own orgs: the first of an actor, an org and a route in each minute. It runs before the
 * answer, so nothing is shown that is not audited.
 */
export function auditReads(server: FastifyInstance, audit: RecordAudit): void {
  const recorded = new LRUCache<string, true>({ max: MOST_READS, ttl: REPEATED_WITHIN });
  server.addHook('preHandler', async (request) => {
    const { actor, orgId } = request;
    if (actor === null || orgId === null || !['GET', 'HEAD'].includes(request.method)) return;
    if (!reachesBeyondOwnOrgs(actor, orgId)) return;
    const read = JSON.stringify([actor.via, actor.id, orgId, request.method, request.routeOptions.url]);
    if (recorded.has(read)) return;
    await audit({ ...callerOf(request), action: 'org.read', orgId });
    recorded.set(read, true);
  });
}
