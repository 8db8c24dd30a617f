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
      const body = eventFor(delivery, secret);
      const answer = await postJson(outbound, url, { who: 'PagerDuty', body, signal, orgId });
      const key = textIn(answer, 'dedup_key');
      return key === undefined ? {} : { providerId: key };
    },
  };
}

function eventFor({ notice, links, timezone }: Delivery, routingKey: string): object {
  const event = {
    routing_key: routingKey,
    event_action: notice.kind === 'resolved' ? 'resolve' : 'trigger',
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
