import type { Database } from '../../database/pool.ts';
import { refuse } from '../../errors.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { faultOfSlackName, type SlackNames } from '../../notifications/channels/slack/slack-destinations.ts';
import {
  type ListedEndpoint,
  listEndpoints,
} from '../../notifications/channels/webhook/webhook-endpoints.ts';
import { type ChannelName, destinationKinds } from '../../notifications/notice/notice.ts';
import { checkTeams } from './check-teams.ts';
import type { NamedRule } from './plan-import.ts';

/**
 * Refuses rules that name a webhook which their org does not have, or a Slack destination that is not set up. Without
 * this check the author would learn of it only when an alert fires.
 * @param rules each with its JSON path in the request
 * @param where the beginning of the error's sentence
 * @throws {CodedError} `invalid_request` with every such name
 */
export async function checkDestinations(
  database: Database,
  rules: readonly (NamedRule & { at: string })[],
  slackNames: SlackNames,
  where: string,
): Promise<void> {
  const named = rules.flatMap(namedRecipients);
  await checkTeams(database, rules, where);
  const webhooks = named.filter(({ channel }) => isDestination(channel));
  const known = new Map<string, ListedEndpoint[]>();
  for (const org of new Set(webhooks.map(({ org }) => org))) {
    known.set(org, await listEndpoints(database, org));
  }
  const faults = named.flatMap(({ channel, org, to, path }) => {
    const ofSlack = channel === 'slack' ? faultOfSlackName(to, slackNames(org)) : undefined;
    if (ofSlack !== undefined) return [{ path, message: ofSlack }];
    if (!isDestination(channel)) return [];
    const names = (known.get(org) ?? []).filter(({ kind }) => kind === channel).map(({ name }) => name);
    if (names.includes(to)) return [];
    const whose = org === ALL_ORGS ? 'all orgs together' : org;
    const which =
      names.length === 0
        ? `${whose} has none yet: create it with POST /api/v1/analytics/notifications/webhooks`
        : `use one of: ${names.slice(0, 10).join(', ')}`;
    const message = `is no ${channel} of ${whose}; ${which}`;
    return [{ path, message }];
  });
  if (faults.length > 0) throw refuse(where, faults);
}

interface NamedRecipient {
  channel: ChannelName;
  org: string;
  to: string;
  path: string;
}

/** The recipients that a rule names, in its channels and in the steps of its escalation. */
function namedRecipients({ orgId, rule, at }: NamedRule & { at: string }): NamedRecipient[] {
  const lists = [
    { channels: rule.channels, path: `${at}.channels` },
    ...rule.escalation.map(({ channels }, step) => ({ channels, path: `${at}.escalation.${step}.channels` })),
  ];
  return lists.flatMap(({ channels, path }) =>
    channels.flatMap(({ channel, to }, index) =>
      to === undefined ? [] : [{ channel, org: orgId ?? ALL_ORGS, to, path: `${path}.${index}.to` }],
    ),
  );
}

function isDestination(channel: ChannelName): boolean {
  return (destinationKinds as readonly ChannelName[]).includes(channel);
}
