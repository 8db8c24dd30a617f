import type { Database } from '../../database/pool.ts';
import { refuse } from '../../errors.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { faultOfSlackName } from '../../notifications/channels/slack-destinations.ts';
import { listEndpoints } from '../../notifications/channels/webhook-endpoints.ts';
import type { NamedRule } from './plan-import.ts';

/**
 * Refuses rules that name a webhook their org does not have, or one of Slack that is not set up: else it is found out
 * when one fires.
 * @param rules each with its JSON path in what was sent
 * @param slackNames those there are; `undefined` where this process cannot know them
 * @param where what the sentence of the error begins with
 * @throws {CodedError} `invalid_request` with every such name
 */
export async function checkDestinations(
  database: Database,
  rules: readonly (NamedRule & { at: string })[],
  slackNames: readonly string[] | undefined,
  where: string,
): Promise<void> {
  const named = rules.flatMap(({ orgId, rule, at }) =>
    rule.channels.flatMap(({ channel, to }, index) =>
      to === undefined ? [] : [{ channel, org: orgId ?? ALL_ORGS, to, path: `${at}.channels.${index}.to` }],
    ),
  );
  const webhooks = named.filter(({ channel }) => channel === 'webhook');
  const known = new Map<string, string[]>();
  for (const org of new Set(webhooks.map(({ org }) => org))) {
    known.set(
      org,
      (await listEndpoints(database, org)).map(({ name }) => name),
    );
  }
  const faults = named.flatMap(({ channel, org, to, path }) => {
    const ofSlack = channel === 'slack' ? faultOfSlackName(to, slackNames) : undefined;
    if (ofSlack !== undefined) return [{ path, message: ofSlack }];
    if (channel !== 'webhook') return [];
    const names = known.get(org) ?? [];
    if (names.includes(to)) return [];
    const whose = org === ALL_ORGS ? 'all orgs together' : org;
    const which = names.length === 0 ? 'it has none yet' : `it has: ${names.slice(0, 10).join(', ')}`;
    const message = `names no webhook of ${whose}; ${which}; POST /api/v1/analytics/notifications/webhooks makes one`;
    return [{ path, message }];
  });
  if (faults.length > 0) throw refuse(where, faults);
}
