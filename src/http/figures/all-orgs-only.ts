import { type Actor, mayIn } from '../../auth/actor.ts';
import { CodedError } from '../../errors.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';

/**
 * Refuses a caller who does not reach all orgs, for figures that tell about all of them.
 * @param reason a sentence
 * @throws {CodedError} `forbidden`
 */
export function checkReachesAllOrgs(actor: Actor, reason: string): void {
  if (mayIn(actor, 'platform:read', ALL_ORGS)) return;
  throw new CodedError(
    'forbidden',
    `${reason} This request needs a role that reaches all orgs, such as admin.`,
  );
}
