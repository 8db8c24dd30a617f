import type { Database } from '../../database/pool.ts';
import { refuse } from '../../errors.ts';
import type { ChannelName } from '../../notifications/notice/notice.ts';
import { preferencesFor, type StoredPreference } from '../../notifications/routing/preferences.ts';
import { addressOf } from '../../notifications/routing/routing.ts';
import type { NamedRule } from './plan-import.ts';

/**
 * Refuses rules with a step for a team that the org does not have, or that has no address on the channel.
 * @throws {CodedError} `invalid_request` with every such team
 */
export async function checkTeams(
  database: Database,
  rules: readonly (NamedRule & { at: string })[],
  where: string,
): Promise<void> {
  const named = rules.flatMap(({ orgId, rule, at }) =>
    rule.escalation.flatMap(({ channels }, step) =>
      channels.flatMap(({ channel, team }, index) =>
        team === undefined
          ? []
          : [{ orgId, channel, team, path: `${at}.escalation.${step}.channels.${index}.team` }],
      ),
    ),
  );
  const known = new Map<string | null, StoredPreference[]>();
  for (const orgId of new Set(named.map((one) => one.orgId)))
    known.set(orgId, await preferencesFor(database, orgId));
  const faults = named.flatMap(({ orgId, channel, team, path }) => {
    const message = faultOf(team, channel, known.get(orgId) ?? []);
    return message === undefined ? [] : [{ path, message }];
  });
  if (faults.length > 0) throw refuse(where, faults);
}

function faultOf(team: string, channel: ChannelName, all: readonly StoredPreference[]): string | undefined {
  const teams = all.filter(({ kind }) => kind === 'team');
  const found = teams.find(({ id }) => id === team);
  if (!found) {
    const which =
      teams.length === 0
        ? 'there is none yet: set one with PUT /api/v1/analytics/notifications/preferences/teams/{id}'
        : `use one of: ${teams
            .slice(0, 10)
            .map(({ id }) => id)
            .join(', ')}`;
    return `is no team with notification preferences; ${which}`;
  }
  if (channel === 'in_app') return 'is not told inside the product, where everybody sees the alert';
  return addressOf(channel, found) === null ? `has no address for ${channel} in its preferences` : undefined;
}
