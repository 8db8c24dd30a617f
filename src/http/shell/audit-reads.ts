import type { FastifyInstance } from 'fastify';
import { reachesBeyondOwnOrgs } from '../../auth/actor.ts';
import type { RecordAudit } from '../../auth/audit.ts';
import { callerOf } from './caller.ts';

/** Audits each read beyond the caller's own orgs. It runs before the answer, so nothing is shown that is not audited. */
export function auditReads(server: FastifyInstance, audit: RecordAudit): void {
  server.addHook('preHandler', async (request) => {
    const { actor, orgId } = request;
    if (actor === null || orgId === null || !['GET', 'HEAD'].includes(request.method)) return;
    if (!reachesBeyondOwnOrgs(actor, orgId)) return;
    await audit({ ...callerOf(request), action: 'org.read', orgId });
  });
}
