import type { Actor } from '../actor.ts';
import { type Capability, grantOf } from '../roles.ts';

/** Why an actor cannot use the console: no role of Tidemark that reads, or no org to read. */
export type Unusable = 'no_role' | 'no_org';

/** What every role may do, and what only senders do. */
const NOT_READING: readonly Capability[] = ['self:read', 'events:write'];

/** Whether the console would show an actor anything; otherwise why it would not. Pure. */
export function whyUnusable({ roles, orgs }: Pick<Actor, 'roles' | 'orgs'>): Unusable | undefined {
  const reading = roles.map(grantOf).filter(({ may }) => may.some((one) => !NOT_READING.includes(one)));
  if (reading.length === 0) return 'no_role';
  return orgs.length === 0 && reading.every(({ orgs: reach }) => reach === 'own') ? 'no_org' : undefined;
}
