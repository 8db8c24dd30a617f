import type { FastifyRequest } from 'fastify';
import { type Actor, mayIn, reachesBeyondOwnOrgs } from '../../auth/actor.ts';
import type { RecordAudit } from '../../auth/audit.ts';
import type { Caller, OrgScope } from '../../auth/caller.ts';
import type { Capability } from '../../auth/roles.ts';
import { refuseField } from '../../errors.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { actorOf } from '../shell/authenticate.ts';

/** Whose alerts a caller may see or change. */
export function scopeOf(actor: Actor, capability: Capability): OrgScope {
  return mayIn(actor, capability, ALL_ORGS)
    ? 'all'
    : actor.orgs.filter((orgId) => mayIn(actor, capability, orgId));
}

/** The scope of a route that checks the org of its query: that org, or every one for who reaches all. */
export function scopeOfOrg(orgId: string): OrgScope {
  return orgId === ALL_ORGS ? 'all' : [orgId];
}

/**
 * Whose a new rule is: of the org that is named; of all together (null) for who reaches them, else of the caller's
 * only org, where none is.
 * @throws {CodedError} `forbidden`, `invalid_request`
 */
export function orgOfNewRule(actor: Actor, asked: string | null | undefined): string | null {
  const all = mayIn(actor, 'alerts:write', ALL_ORGS);
  if (asked === undefined || asked === null) {
    if (all) return null;
    const [only, ...others] = actor.orgs;
    if (asked === undefined && only !== undefined && others.length === 0) return only;
    throw refuseField('$.orgId', `must name one of your orgs: ${actor.orgs.join(', ') || 'you have none'}`);
  }
  if (asked !== ALL_ORGS && mayIn(actor, 'alerts:write', asked)) return asked;
  if (asked === ALL_ORGS) throw refuseField('$.orgId', 'is no org; leave it out for all together');
  throw refuseField('$.orgId', 'is not one of your orgs', 'forbidden');
}

function routeOf(request: FastifyRequest): string {
  return `${request.method} ${request.routeOptions.url}`;
}

export function callerOf(request: FastifyRequest): Caller {
  return {
    actor: actorOf(request),
    route: routeOf(request),
    requestId: request.id,
  };
}

/** Records that the caller looks at what is of another's org, or of all together, before it is shown. */
export async function auditLookAt(
  audit: RecordAudit,
  request: FastifyRequest,
  orgId: string | null,
): Promise<void> {
  const actor = actorOf(request);
  if (!reachesBeyondOwnOrgs(actor, orgId ?? ALL_ORGS)) return;
  await audit({ ...callerOf(request), action: 'org.read', orgId: orgId ?? ALL_ORGS });
}
