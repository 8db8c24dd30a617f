import { IncomingWebhook, type IncomingWebhookSendArguments } from '@slack/webhook';
import { eventOfAll, factsOfAll, statementOfAll, type Told } from '../../notice/many.ts';
import { isUrgent, type Severity } from '../../notice/notice.ts';
import { oneLine } from '../../notice/wording.ts';
import { type Channel, type Delivery, DeliveryError } from '../channel.ts';
import { failureOfAnswer, type Outbound, type OutboundAnswer } from '../outbound.ts';
import type { SlackUrlOf } from './slack-destinations.ts';

/** Limits of Slack's Block Kit. */
const HEADER_MOST = 150;
const FIELDS_MOST = 10;
const FIELD_MOST = 2_000;
/** The text of notifications; a phone shows less. */
const TEXT_MOST = 400;

const colours: Record<Severity, string> = { info: '#2563eb', warning: '#d97706', critical: '#dc2626' };
const RESOLVED = '#16a34a';

/**
 * Sends to Slack's incoming webhooks.
 * @param urlOf the URL of a destination. It is a secret, so a recipient is only its name
 */
export function createSlack(outbound: Outbound, urlOf: SlackUrlOf): Channel {
  return {
    name: 'slack',
    async send(delivery, signal) {
      const { recipient, orgId } = delivery;
      const url = urlOf(recipient, orgId);
      if (url === undefined) {
        throw new DeliveryError(`no Slack webhook is set up under the name ${recipient}`, {
          retryable: false,
        });
      }
      let answer: OutboundAnswer | undefined;
      let failure: unknown;
      const webhook = new IncomingWebhook(url, {
        fetch: async (_url, init) => {
          try {
            answer = await outbound.request(url, {
              method: 'POST',
              headers: { 'content-type': 'application/json' },
              body: String(init?.body),
              signal,
              trusted: true,
            });
          } catch (error) {
            failure = error;
            throw error;
          }
          return new Response(answer.body, { status: answer.status });
        },
      });
      try {
        await webhook.send(messageOf(delivery));
        return {};
      } catch (error) {
        throw failure ?? (answer && failureOfAnswer('Slack', answer)) ?? error;
      }
    },
  };
}

/** The SDK sends the other fields of Slack's messages, and does not know their types. */
type Message = IncomingWebhookSendArguments & { mrkdwn: false; link_names: false };

/** Names from rules and events are plain text, in which `<!channel>` and `*` have no effect. */
function messageOf(delivery: Delivery): Message {
  const { notice, links, timezone, others } = delivery;
  const plain = (text: string, most: number) => ({
    type: 'plain_text' as const,
    text: escaped(oneLine(text, most), most),
    emoji: false,
  });
  const button = (text: string, url: string) => ({
    type: 'button' as const,
    text: plain(text, FIELD_MOST),
    url,
    action_id: text.toLowerCase(),
  });
  const buttons = [
    ...(links.alert === undefined ? [] : [button('Open', links.alert)]),
    ...(links.acknowledge === undefined ? [] : [button('Acknowledge', links.acknowledge)]),
    ...(notice.runbookUrl === undefined || others ? [] : [button('Runbook', notice.runbookUrl)]),
  ];
  const fields = factsOfAll(delivery, timezone).map(([label, value]) =>
    plain(`${label}: ${value}`, FIELD_MOST),
  );
  // The event of one alert has its state. The number of several does not.
  const state = others ? `, ${statementOfAll(delivery)}` : '';
  const event = `${oneLine(eventOfAll(delivery, TEXT_MOST), TEXT_MOST)}${state}`;
  return {
    // For notifications on a phone, and for clients without blocks.
    text: escaped(inert(`[${notice.severity}] ${event}`), FIELD_MOST),
    mrkdwn: false,
    link_names: false,
    unfurl_links: false,
    attachments: [
      {
        color: isUrgent(notice) ? colours[notice.severity] : RESOLVED,
        blocks: [
          { type: 'header', text: plain(headerOf(delivery), HEADER_MOST) },
          { type: 'section', text: plain(statementOfAll(delivery), FIELD_MOST) },
          ...(notice.description === undefined || others
            ? []
            : [{ type: 'section' as const, text: plain(notice.description, FIELD_MOST) }]),
          ...inParts(fields, FIELDS_MOST).map((part) => ({ type: 'section' as const, fields: part })),
          ...(buttons.length === 0 ? [] : [{ type: 'actions' as const, elements: buttons }]),
        ],
      },
    ],
  };
}

function inParts<T>(all: readonly T[], most: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / most) }, (_, part) =>
    all.slice(part * most, (part + 1) * most),
  );
}

/** The event, so short that it fits with its escapes, which take up to five characters. */
function headerOf(told: Told): string {
  for (let most = HEADER_MOST; most > HEADER_MOST / 5; most -= 10) {
    const event = eventOfAll(told, most);
    if (escaped(event, FIELD_MOST).length <= HEADER_MOST) return event;
  }
  return eventOfAll(told, HEADER_MOST / 5);
}

/**
 * A text in which no character starts a format, an emoji, a mention or a link: an invisible space follows each. In a
 * text without blocks `mrkdwn: false` turns formats off, but neither emoji nor links.
 */
function inert(text: string): string {
  return text.replaceAll(/[*_~`:@]|\.(?=\p{L})/gu, '$&\u200b');
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Escapes the three characters that have a meaning in Slack. The limit never cuts an escape in two. */
function escaped(text: string, most: number): string {
  let result = '';
  for (const character of text) {
    const next = entities[character] ?? character;
    if (result.length + next.length > most) break;
    result += next;
  }
  return result;
}
