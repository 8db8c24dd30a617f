import { eventOfAll, factsOfAll, statementOfAll } from '../../notice/many.ts';
import { isUrgent } from '../../notice/notice.ts';
import { oneLine } from '../../notice/wording.ts';
import type { Channel, Delivery } from '../channel.ts';
import type { Outbound } from '../outbound.ts';
import { postJson } from '../post-json.ts';
import { type EndpointOf, endpointFor } from '../webhook/endpoint-for.ts';

const TITLE_MOST = 250;
const TEXT_MOST = 2_500;
const FACT_MOST = 500;

/** Colours of Adaptive Cards. */
const colours = { info: 'Accent', warning: 'Warning', critical: 'Attention' } as const;

/** An Adaptive Card to a workflow of Microsoft Teams ("Post to a channel when a webhook request is received"). */
export function createTeams(outbound: Outbound, endpointOf: EndpointOf): Channel {
  return {
    name: 'teams',
    async send(delivery, signal) {
      const { recipient, orgId } = delivery;
      const { url } = await endpointFor(endpointOf, { name: recipient, orgId, what: 'Teams' });
      await postJson(outbound, url, { who: 'Teams', body: messageOf(delivery), signal, orgId });
      return {};
    },
  };
}

function messageOf(delivery: Delivery): object {
  const contentType = 'application/vnd.microsoft.card.adaptive';
  return {
    type: 'message',
    attachments: [{ contentType, contentUrl: null, content: cardOf(delivery) }],
  };
}

function cardOf(delivery: Delivery): object {
  const { notice, links, timezone, others } = delivery;
  const color = isUrgent(notice) ? colours[notice.severity] : 'Good';
  const title = {
    text: oneLine(eventOfAll(delivery, TITLE_MOST), TITLE_MOST),
    weight: 'Bolder',
    size: 'Medium',
  };
  const actions = [
    ...(links.alert === undefined ? [] : [open('Open', links.alert)]),
    ...(links.acknowledge === undefined ? [] : [open('Acknowledge', links.acknowledge)]),
    ...(notice.runbookUrl === undefined || others ? [] : [open('Runbook', notice.runbookUrl)]),
  ];
  return {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      line({ ...title, color }),
      line({ text: `${oneLine(statementOfAll(delivery), TEXT_MOST)}.` }),
      ...(notice.description === undefined || others
        ? []
        : [line({ text: oneLine(notice.description, TEXT_MOST) })]),
      ...factsOfAll(delivery, timezone).map(([label, value]) =>
        line({ text: `${label}: `, isSubtle: true }, { text: oneLine(value, FACT_MOST) }),
      ),
    ],
    actions,
  };
}

/** A text run has no Markdown, so no name of a caller can be a link or a format. */
function line(...runs: object[]): object {
  return { type: 'RichTextBlock', inlines: runs.map((run) => ({ type: 'TextRun', ...run })) };
}

function open(title: string, url: string): object {
  return { type: 'Action.OpenUrl', title, url };
}
