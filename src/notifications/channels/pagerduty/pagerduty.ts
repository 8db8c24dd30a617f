import type { NoticeKind } from '../../notice/notice.ts';
import { statementOf } from '../../notice/statement.ts';
import { eventOf, factsOf, oneLine } from '../../notice/wording.ts';
import type { Channel, Delivery } from '../channel.ts';
import type { Outbound } from '../outbound.ts';
import { postJson, textIn } from '../post-json.ts';
import { type EndpointOf, endpointFor } from '../webhook/endpoint-for.ts';

/** Limit of the Events API v2. */
const SUMMARY_MOST = 1_024;

/**
 * Events API v2 of PagerDuty (https://developer.pagerduty.com/docs/send-alert-event). The id of the alert is the dedup
 * key, so all notices of an alert are one incident.
 */
export function createPagerDuty(outbound: Outbound, endpointOf: EndpointOf): Channel {
  return {
    name: 'pagerduty',
    async send(delivery, signal) {
      const { recipient, orgId } = delivery;
      const { url, secret } = await endpointFor(endpointOf, { name: recipient, orgId, what: 'PagerDuty' });
      const post = (action: EventAction) =>
        postJson(outbound, url, {
          who: 'PagerDuty',
          body: eventFor(delivery, secret, action),
          signal,
          orgId,
        });
      const answer = await post(actions[delivery.notice.kind]);
      // A test opens an incident, so that people see it arrive, and leaves none behind.
      if (delivery.notice.kind === 'test') await post('resolve');
      const key = textIn(answer, 'dedup_key');
      return key === undefined ? {} : { providerId: key };
    },
  };
}

type EventAction = 'trigger' | 'acknowledge' | 'resolve';

/** PagerDuty has no event that takes an acknowledgement back; a trigger adds to the incident. */
const actions: Record<NoticeKind, EventAction> = {
  firing: 'trigger',
  still_firing: 'trigger',
  escalated: 'trigger',
  escalation_step: 'trigger',
  acknowledged: 'acknowledge',
  unacknowledged: 'trigger',
  resolved: 'resolve',
  test: 'trigger',
  month_closed: 'trigger',
  month_failed: 'trigger',
  rule_failing: 'trigger',
  rule_evaluated: 'resolve',
};

function eventFor({ notice, links, timezone }: Delivery, routingKey: string, action: EventAction): object {
  const event = {
    routing_key: routingKey,
    event_action: action,
    dedup_key: notice.alertId,
  };
  const summary = oneLine(`${eventOf(notice, SUMMARY_MOST / 2)}. ${statementOf(notice)}`, SUMMARY_MOST);
  const pages = [
    ...(links.alert === undefined ? [] : [{ href: links.alert, text: 'Open' }]),
    ...(links.acknowledge === undefined ? [] : [{ href: links.acknowledge, text: 'Acknowledge' }]),
    ...(notice.runbookUrl === undefined ? [] : [{ href: notice.runbookUrl, text: 'Runbook' }]),
  ];
  return {
    ...event,
    client: 'Tidemark',
    payload: {
      summary,
      source: notice.orgId ?? 'all orgs',
      severity: notice.severity,
      timestamp: notice.at,
      component: notice.metric,
      group: oneLine(Object.values(notice.group).join(', '), 255),
      class: notice.type,
      custom_details: {
        ...Object.fromEntries(factsOf(notice, timezone)),
        ...(notice.description !== undefined && { Description: notice.description }),
      },
    },
    links: pages,
  };
}
