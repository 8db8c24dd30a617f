import { type Actor, mayIn } from '../../auth/actor.ts';
import type { OrgScope } from '../../auth/caller.ts';
import type { Capability } from '../../auth/roles.ts';
import { refuseField } from '../../errors.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';

/** The orgs whose alerts the actor may see or change. */
export function scopeOf(actor: Actor, capability: Capability): OrgScope {
  return mayIn(actor, capability, ALL_ORGS)
    ? 'all'
    : actor.orgs.filter((orgId) => mayIn(actor, capability, orgId));
}

/** The scope of a route that checks the org of its query. */
export function scopeOfOrg(orgId: string): OrgScope {
  return orgId === ALL_ORGS ? 'all' : [orgId];
}

/**
 * The org that a new rule belongs to: the one that the request names. Without a name it is all orgs together (null) for
 * an actor who reaches them, else the actor's only org.
 * @throws {CodedError} `forbidden`, `invalid_request`
 */
export function orgOfNewRule(actor: Actor, asked: string | null | undefined): string | null {
  const reachesAll = mayIn(actor, 'alerts:write', ALL_ORGS);
  if (asked === undefined || asked === null) {
    if (reachesAll) return null;
    const [only, ...others] = actor.orgs;
    if (asked === undefined && only !== undefined && others.length === 0) return only;
    throw refuseField('$.orgId', `must name one of your orgs: ${actor.orgs.join(', ') || 'you have none'}`);
  }
  if (asked === ALL_ORGS)
    throw refuseField('$.orgId', `cannot be "${ALL_ORGS}"; leave it out for a rule over all orgs`);
  if (mayIn(actor, 'alerts:write', asked)) return asked;
  throw refuseField('$.orgId', 'is not one of your orgs', 'forbidden');
}
