import type { Database } from '../../database/pool.ts';
import { refuse } from '../../errors.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { faultOfSlackName } from '../channels/slack-destinations.ts';
import { orgsWithoutEndpoint } from '../channels/webhook-endpoints.ts';
import { missingAddresses } from './routing.ts';

/** The most orgs that a fault names. */
const MOST_NAMED = 10;

/**
 * Refuses a preference that no notice could reach: a chosen channel has no address, or a destination does not exist.
 * @param slackNames the names of the Slack destinations; `undefined` in a process that does not know them
 * @throws {CodedError} `invalid_request` with every fault
 */
export async function checkPreference(
  database: Database,
  preference: Parameters<typeof missingAddresses>[0] & { orgs: readonly string[] },
  slackNames: readonly string[] | undefined,
): Promise<void> {
  const { orgs, slack, webhook } = preference;
  const faults = missingAddresses(preference).map(({ address, channel, severities }) => ({
    path: `$.${address}`,
    message: `must be given: channels.${severities.join(', channels.')} ${severities.length > 1 ? 'name' : 'names'} ${channel}`,
  }));
  const unknown = slack === null ? undefined : faultOfSlackName(slack, slackNames);
  if (unknown !== undefined) faults.push({ path: '$.slack', message: unknown });
  const without = webhook === null ? [] : await orgsWithoutEndpoint(database, orgs, webhook);
  if (without.length > 0) {
    const whose = without.slice(0, MOST_NAMED).map((org) => (org === ALL_ORGS ? 'all orgs together' : org));
    const message = `is no webhook of ${whose.join(', ')}; create it with POST /api/v1/analytics/notifications/webhooks`;
    faults.push({ path: '$.webhook', message });
  }
  if (faults.length > 0) throw refuse('In the body', faults);
}
