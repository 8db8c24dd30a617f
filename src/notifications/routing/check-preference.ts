import type { Database } from '../../database/pool.ts';
import { refuse } from '../../errors.ts';
import { faultOfSlackName, type SlackNames } from '../channels/slack/slack-destinations.ts';
import { faultOfNumber } from '../channels/sms/sms.ts';
import { findEndpoint } from '../channels/webhook/webhook-endpoints.ts';
import { destinationKinds } from '../notice/notice.ts';
import { missingAddresses } from './routing.ts';

/**
 * Refuses a preference that no notice could reach: a chosen channel has no address, or a destination does not exist.
 * @throws {CodedError} `invalid_request` with every fault
 */
export async function checkPreference(
  database: Database,
  preference: Parameters<typeof missingAddresses>[0] & { orgId: string },
  { slackNames, smsPrefixes }: { slackNames: SlackNames; smsPrefixes: readonly string[] },
): Promise<void> {
  const { orgId, slack, phone } = preference;
  const faults = missingAddresses(preference).map(({ address, channel, severities }) => ({
    path: `$.${address}`,
    message: `must be given: channels.${severities.join(', channels.')} ${severities.length > 1 ? 'name' : 'names'} ${channel}`,
  }));
  const unknown = slack === null ? undefined : faultOfSlackName(slack, slackNames(orgId));
  if (unknown !== undefined) faults.push({ path: '$.slack', message: unknown });
  const forbidden = phone === null ? undefined : faultOfNumber(phone, smsPrefixes);
  if (forbidden !== undefined) faults.push({ path: '$.phone', message: forbidden });
  for (const kind of destinationKinds) {
    const name = preference[kind];
    if (name === null || (await findEndpoint(database, orgId, name, kind))) continue;
    const message = `is no destination of the org with the kind ${kind}; create it with POST /api/v1/analytics/notifications/webhooks`;
    faults.push({ path: `$.${kind}`, message });
  }
  if (faults.length > 0) throw refuse('In the body', faults);
}
