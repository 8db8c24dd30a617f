import { readOrgZone } from '../../notifications/routing/org-zone.ts';
import type { Recipient } from '../../notifications/routing/route-notice.ts';
import { DAY } from '../../time.ts';
import { inZoneOf } from '../rules/org-zone.ts';
import type { Rule } from '../rules/rule.ts';
import { addKnownLate } from './known-late.ts';
import { type PastSources, pastOf } from './past-of.ts';
import { previewRecipients, type Routing } from './recipients.ts';
import { type Preview, replay } from './replay.ts';

const REACH = 30 * DAY;

/** The sources of the past and of the recipients. */
export interface PreviewSources extends Routing, PastSources {}

/**
 * Replays a rule over the last thirty days, with the function that decides live, and finds the recipients of its
 * notices.
 * @throws {CodedError} `invalid_request` for a metric without history, `unavailable` without Prometheus
 */
export async function previewRule(
  sources: PreviewSources,
  { rule: given, orgId, now }: { rule: Rule; orgId: string | null; now: number },
): Promise<Preview & { recipients: Recipient[] }> {
  const rule = inZoneOf(given, await readOrgZone(sources.pool, orgId));
  const past = await pastOf(sources, rule, { orgId, now, reach: REACH });
  const recipients = await previewRecipients(sources.pool, sources, { rule, orgId, now });
  const replayed = await replay(rule, past);
  await addKnownLate(sources.pool, rule, { alerts: replayed.alerts, orgId, now });
  return { ...replayed, recipients };
}
