import type { FastifyInstance, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { reachesBeyondOwnOrgs } from '../../auth/actor.ts';
import type { RecordAudit } from '../../auth/audit.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { MINUTE } from '../../time.ts';
import { callerOf } from './caller.ts';

/** A read that is repeated within this time has one entry. A page that asks each second would fill the log otherwise. */
const REPEATED_WITHIN = MINUTE;
const MOST_READS = 10_000;

/** The reads that each audit log has recorded lately. */
const recorded = new WeakMap<RecordAudit, LRUCache<string, true>>();

/** Audits the reads of routes that check an org. */
export function auditReads(server: FastifyInstance, audit: RecordAudit): void {
  server.addHook('preHandler', (request, _reply, done) => {
    const { actor, orgId } = request;
    if (actor === null || orgId === null || !['GET', 'HEAD'].includes(request.method)) return done();
    auditRead(audit, request, orgId).then(() => done(), done);
  });
}

/**
 * Audits a read beyond the caller's own orgs: the same request of an actor once in a minute. It runs before the answer,
 * so nothing is shown that is not audited.
 * @param orgId `null`: all orgs together
 */
export async function auditRead(
  audit: RecordAudit,
  request: FastifyRequest,
  orgId: string | null,
): Promise<void> {
  const caller = callerOf(request);
  const org = orgId ?? ALL_ORGS;
  const { actor } = caller;
  if (!reachesBeyondOwnOrgs(actor, org)) return;
  const reads = readsOf(audit);
  const read = JSON.stringify([actor.via, actor.id, org, request.method, request.url]);
  if (reads.has(read)) return;
  await audit({ ...caller, action: 'org.read', orgId: org });
  reads.set(read, true);
}

function readsOf(audit: RecordAudit): LRUCache<string, true> {
  const known = recorded.get(audit);
  if (known) return known;
  const made = new LRUCache<string, true>({ max: MOST_READS, ttl: REPEATED_WITHIN });
  recorded.set(audit, made);
  return made;
}
