import type { FastifyInstance } from 'fastify';
import { reachesBeyondOwnOrgs } from '../../auth/actor.ts';
import type { RecordAudit } from '../../auth/audit.ts';

/** Records each read of an org that is not the reader's own, or of all, before it is answered: what cannot be audited is not shown. */
export function auditReads(server: FastifyInstance, audit: RecordAudit): void {
  server.addHook('preHandler', async (request) => {
    const { actor, orgId } = request;
    if (actor === null || orgId === null || !['GET', 'HEAD'].includes(request.method)) return;
    if (!reachesBeyondOwnOrgs(actor, orgId)) return;
    const route = `${request.method} ${request.routeOptions.url}`;
    await audit({ actor, action: 'org.read', orgId, route, requestId: request.id });
  });
}
