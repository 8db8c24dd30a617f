import type { Database } from '../../database/pool.ts';
import type { OuterChannel } from '../../notifications/notice/notice.ts';
import { preferencesFor } from '../../notifications/routing/preferences.ts';
import type { Recipient, RouteNotice } from '../../notifications/routing/route-notice.ts';
import { type DefaultRecipients, routesOf } from '../../notifications/routing/routing.ts';
import { BY_PREFERENCE } from '../../reserved-names.ts';
import type { Rule } from '../rules/rule.ts';

/** How notices find their recipients. */
export interface Routing {
  route: RouteNotice;
  /** Those told where preferences name nobody. */
  defaults: DefaultRecipients;
}

/** A notice of a firing alert is not routed by what was told of it before. */
const NO_ALERT = '00000000-0000-0000-0000-000000000000';

/** Whether it names nobody, and is for whoever the preferences name. */
function isMeant({ recipient }: Recipient): boolean {
  return recipient === BY_PREFERENCE;
}

/**
 * Who would be told of the alerts of a rule, as notices go now: each recipient once, those behind preferences by
 * name. Some may be told later, for their quiet hours.
 */
export async function previewRecipients(
  database: Database,
  { route, defaults }: Routing,
  { rule: { severity, channels }, orgId, now }: { rule: Rule; orgId: string | null; now: number },
): Promise<Recipient[]> {
  const routed = await route(database, { kind: 'firing', alertId: NO_ALERT, orgId, severity, channels });
  const preferences = await preferencesFor(database, orgId);
  const meant = {
    severity,
    channels: routed.filter(isMeant).map(({ channel }) => channel as OuterChannel),
  };
  const all = routed.flatMap((one): Recipient[] =>
    isMeant(one)
      ? routesOf(one.channel as OuterChannel, meant, preferences, defaults, now).map(({ recipient }) => ({
          channel: one.channel,
          recipient,
        }))
      : [one],
  );
  return [...new Map(all.map((one) => [`${one.channel} ${one.recipient}`, one])).values()];
}
