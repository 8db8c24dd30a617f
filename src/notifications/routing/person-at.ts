import type { Database } from '../../database/pool.ts';
import { preferencesFor } from './preferences.ts';
import { addressOf } from './routing.ts';

/**
 * The user who alone has an address of their own, by the preferences of an org. A destination such as a Slack channel has
 * many readers.
 * @param orgId the org of the rule; null: a rule over all orgs
 */
export async function personAt(
  database: Database,
  orgId: string | null,
  { channel, address }: { channel: string; address: string },
): Promise<string | undefined> {
  if (channel !== 'email' && channel !== 'sms') return undefined;
  const preferences = await preferencesFor(database, orgId);
  const owners = preferences.filter((preference) => addressOf(channel, preference) === address);
  const [only] = owners;
  return owners.length === 1 && only?.kind === 'user' ? only.id : undefined;
}
