import { eventOfAll, factsOfAll, statementOfAll, type Told } from '../../notice/many.ts';
import { isUrgent, type Severity } from '../../notice/notice.ts';
import { oneLine } from '../../notice/wording.ts';
import type { Channel, Delivery } from '../channel.ts';
import type { Outbound } from '../outbound.ts';
import { postJson, textIn } from '../post-json.ts';
import { type EndpointOf, endpointFor } from '../webhook/endpoint-for.ts';

/** Limits of embeds, in characters. An escape takes two. */
const TITLE_MOST = 256;
const DESCRIPTION_MOST = 2_000;
const VALUE_MOST = 1_024;
const FIELDS_MOST = 25;

const colours: Record<Severity, number> = { info: 0x2563eb, warning: 0xd97706, critical: 0xdc2626 };
const RESOLVED = 0x16a34a;

/** An embed to a webhook of Discord (https://discord.com/developers/docs/resources/webhook#execute-webhook). */
export function createDiscord(outbound: Outbound, endpointOf: EndpointOf): Channel {
  return {
    name: 'discord',
    async send(delivery, signal) {
      const { recipient, orgId } = delivery;
      const { url } = await endpointFor(endpointOf, { name: recipient, orgId, what: 'Discord' });
      const address = new URL(url);
      // Then the answer has the id of the message.
      address.searchParams.set('wait', 'true');
      const body = messageOf(delivery);
      const answer = await postJson(outbound, address.href, { who: 'Discord', body, signal, orgId });
      const id = textIn(answer, 'id');
      return id === undefined ? {} : { providerId: id };
    },
  };
}

function messageOf(delivery: Delivery): object {
  const { notice, links, timezone, others } = delivery;
  const actions = [
    ...(links.alert === undefined ? [] : [`[Open](${links.alert})`]),
    ...(links.acknowledge === undefined ? [] : [`[Acknowledge](${links.acknowledge})`]),
    ...(notice.runbookUrl === undefined || others ? [] : [`[Runbook](<${notice.runbookUrl}>)`]),
  ];
  const about =
    notice.description === undefined || others
      ? ''
      : `\n\n${plain(notice.description, DESCRIPTION_MOST / 2)}`;
  const said = `${plain(statementOfAll(delivery), DESCRIPTION_MOST)}.${about}`;
  return {
    username: 'Tidemark',
    // No name of a caller mentions anybody.
    allowed_mentions: { parse: [] },
    embeds: [
      {
        title: titleOf(delivery),
        description: actions.length === 0 ? said : `${said}\n\n${actions.join(' · ')}`,
        color: isUrgent(notice) ? colours[notice.severity] : RESOLVED,
        timestamp: notice.at,
        fields: factsOfAll(delivery, timezone)
          .slice(0, FIELDS_MOST)
          .map(([name, value]) => ({ name, value: plain(value, VALUE_MOST), inline: !others })),
      },
    ],
  };
}

/** The event, so short that it fits with its escapes. */
function titleOf(told: Told): string {
  const whole = plain(eventOfAll(told, TITLE_MOST), TITLE_MOST * 2);
  return whole.length <= TITLE_MOST ? whole : plain(eventOfAll(told, TITLE_MOST / 2), TITLE_MOST);
}

/** Plain text in Discord's Markdown, on one line. The limit never cuts an escape in two. */
function plain(text: string, most: number): string {
  let result = '';
  for (const character of oneLine(text, most)) {
    const next = /[\\*_~`|>[\]()#:@<-]/.test(character) ? `\\${character}` : character;
    if (result.length + next.length > most) break;
    result += next;
  }
  return result;
}
