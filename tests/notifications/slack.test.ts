import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createOutbound, type Outbound } from '../../src/notifications/channels/outbound.ts';
import { createSlack } from '../../src/notifications/channels/slack/slack.ts';
import { makeDelivery, makeNotice } from '../support/alerting/notices.ts';
import { silentLog } from '../support/events/ingestion.ts';
import { answering, type HttpReceiver, startReceiver } from '../support/servers/http-receiver.ts';

let receiver: HttpReceiver;
let outbound: Outbound;
beforeAll(async () => {
  receiver = await startReceiver();
  outbound = createOutbound({ allow: [], log: silentLog });
});
afterEach(() => receiver.received.splice(0));
afterAll(async () => {
  await outbound.close();
  await receiver.close();
});
function channel() {
  return createSlack(outbound, () => `${receiver.url}/services/T/B/x`);
}

describe('slack', () => {
  test('shows names of others without formatting or mentions', async () => {
    receiver.react(answering(200, {}, 'ok'));
    const notice = makeNotice({ name: '<!channel> & *bold*', group: { model: '<https://evil.example|x>' } });
    await channel().send(makeDelivery({ notice }), AbortSignal.timeout(20_000));
    const { body } = receiver.received[0] ?? { body: '' };
    expect(body).not.toMatch(/<!channel|<https/);
    expect(body).toContain('&lt;!channel&gt; &amp; *bold*');
    const { text, attachments } = JSON.parse(body);
    expect(text).toContain('[critical]');
    const types = JSON.stringify(attachments).match(/"type":"(mrkdwn|plain_text)"/g) ?? [];
    expect(new Set(types)).toEqual(new Set(['"type":"plain_text"']));
  });

  test('gives no character of a name a meaning in the text of notifications', async () => {
    receiver.react(answering(200, {}, 'ok'));
    const name = ':fire: *bold* ~gone~ _it_ `code` https://evil.example/x @here';
    await channel().send(
      makeDelivery({ notice: makeNotice({ name, group: {} }) }),
      AbortSignal.timeout(20_000),
    );
    const sent = JSON.parse(receiver.received[0]?.body ?? '');
    expect(sent).toMatchObject({ mrkdwn: false, link_names: false, unfurl_links: false });
    expect(sent.text).not.toMatch(/:fire:|\*bold\*|~gone~|_it_|`code`|https:\/\/|evil\.example/);
    // Nothing visible is changed.
    expect(sent.text.replaceAll('\u200b', '')).toBe(`[critical] ${name} is firing`);
  });

  test('keeps to the limits of blocks, whatever the name of the rule', async () => {
    receiver.react(answering(200, {}, 'ok'));
    await channel().send(
      makeDelivery({ notice: makeNotice({ name: '&'.repeat(5_000) }) }),
      AbortSignal.timeout(20_000),
    );
    const [header] = JSON.parse(receiver.received[0]?.body ?? '').attachments[0].blocks;
    expect(header.text.text.length).toBeLessThanOrEqual(150);
    expect(header.text.text).toMatch(/^(&amp;)+… \(model gpt-4o\) is firing$/);
  });
});
