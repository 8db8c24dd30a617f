import type { Database } from '../../database/pool.ts';
import type { OuterChannel } from '../../notifications/notice/notice.ts';
import { preferencesFor } from '../../notifications/routing/preferences.ts';
import type { Recipient, RouteNotice } from '../../notifications/routing/route-notice.ts';
import { type DefaultRecipients, routesOf } from '../../notifications/routing/routing.ts';
import { BY_PREFERENCE } from '../../reserved-names.ts';
import type { Rule } from '../rules/rule.ts';

/** The sources of the recipients of notices. */
export interface Routing {
  route: RouteNotice;
  /** Used when no preference covers the severity. */
  defaults: DefaultRecipients;
}

/** The first notice of an alert does not depend on earlier ones. */
const NO_ALERT = '00000000-0000-0000-0000-000000000000';

/** Whether the preferences decide who it is. */
function isByPreference({ recipient }: Recipient): boolean {
  return recipient === BY_PREFERENCE;
}

/**
 * The recipients that the alerts of a rule would have now, each once and by address. Some may get a notice later, after
 * their quiet hours.
 */
export async function previewRecipients(
  database: Database,
  { route, defaults }: Routing,
  { rule: { severity, channels }, orgId, now }: { rule: Rule; orgId: string | null; now: number },
): Promise<Recipient[]> {
  const routed = await route(database, { kind: 'firing', alertId: NO_ALERT, orgId, severity, channels });
  const preferences = await preferencesFor(database, orgId);
  const notice = {
    severity,
    channels: routed.filter(isByPreference).map(({ channel }) => channel as OuterChannel),
  };
  const all = routed.flatMap((one): Recipient[] =>
    isByPreference(one)
      ? routesOf(one.channel as OuterChannel, notice, { preferences, defaults }, now).map(
          ({ recipient }) => ({
            channel: one.channel,
            recipient,
          }),
        )
      : [one],
  );
  return [...new Map(all.map((one) => [`${one.channel} ${one.recipient}`, one])).values()];
}
