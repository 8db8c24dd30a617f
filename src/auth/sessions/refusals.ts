import { type Clock, MINUTE } from '../../time.ts';
import type { Actor } from '../actor.ts';
import type { RecordAudit } from '../audit.ts';
import type { Caller } from '../caller.ts';
import { ofOneOrg } from './start-session.ts';

/** A browser that was not signed in. */
interface Refusal extends Omit<Caller, 'actor'> {
  /** Who it was, as far as that was proved. */
  actor: Actor | undefined;
  address: string;
  reason: string;
}

/** Records a refusal in the audit log. It does not fail: the caller gets the reason in any case. */
export type RecordRefusal = (refusal: Refusal) => Promise<void>;

/** Refusals in a minute that a process records. Anyone can be refused, and entries are kept forever. */
const MOST_A_MINUTE = 60;

const NOBODY: Actor = { id: 'nobody', roles: [], orgs: [], via: 'nobody' };

/** Records refusals, so many a minute. The log of the service has the others. */
export function createRefusals(audit: RecordAudit, clock: Clock): RecordRefusal {
  let minute = 0;
  let recorded = 0;
  return async ({ actor = NOBODY, address, reason, ...caller }) => {
    const now = Math.floor(clock.now() / MINUTE);
    if (now !== minute) [minute, recorded] = [now, 0];
    if (++recorded > MOST_A_MINUTE) return;
    const entry = { ...caller, actor, ...ofOneOrg(actor) };
    await audit({ ...entry, action: 'session.refuse', after: { reason, address } }).catch(() => {});
  };
}
