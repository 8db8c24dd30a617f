import { describe, expect, test } from 'vitest';
import type { Channel, DeliveryError } from '../../src/notifications/channels/channel.ts';
import { createDiscord } from '../../src/notifications/channels/discord/discord.ts';
import { createOutbound } from '../../src/notifications/channels/outbound.ts';
import { createPagerDuty } from '../../src/notifications/channels/pagerduty/pagerduty.ts';
import { createTeams } from '../../src/notifications/channels/teams/teams.ts';
import { makeDelivery, makeNotice } from '../support/alerting/notices.ts';
import { silentLog } from '../support/events/ingestion.ts';
import { answering, hanging } from '../support/servers/http-receiver.ts';
import { patience, useLoopback } from './loopback.ts';

const loopback = useLoopback();

const makers = { pagerduty: createPagerDuty, teams: createTeams, discord: createDiscord };
const taken = {
  pagerduty: answering(202, {}, '{"status":"success","message":"Event processed","dedup_key":"k1"}'),
  teams: answering(202, {}, ''),
  discord: answering(200, {}, '{"id":"m1"}'),
};
const receipts = { pagerduty: { providerId: 'k1' }, teams: {}, discord: { providerId: 'm1' } };
const routingKey = 'r'.repeat(32);

function channelOf(
  name: keyof typeof makers,
  url = `${loopback.receiver.url}/hook`,
  over = loopback.outbound,
): Channel {
  return makers[name](over, async (wanted) => (wanted === 'ops' ? { url, secret: routingKey } : undefined));
}

async function failureOf(channel: Channel, signal = patience()): Promise<DeliveryError> {
  try {
    await channel.send(makeDelivery(), signal);
  } catch (error) {
    return error as DeliveryError;
  }
  throw new Error('it was delivered');
}

function sent(index = 0) {
  return JSON.parse(loopback.receiver.received[index]?.body ?? 'null');
}

describe.each(['pagerduty', 'teams', 'discord'] as const)('%s', (name) => {
  test('sends one request with the value, the threshold and the links', async () => {
    loopback.receiver.react(taken[name]);
    expect(await channelOf(name).send(makeDelivery(), patience())).toEqual(receipts[name]);
    expect(loopback.receiver.received).toHaveLength(1);
    const said = (loopback.receiver.received[0]?.body ?? '').replaceAll('\\\\', '');
    expect(said).toContain('Failing answers (model gpt-4o');
    expect(said).toContain('usage.error_rate is 7.3 %, above 5 %');
    expect(said).toContain('https://tidemark.example/ack/1?t=a&s=b');
    expect(said).toContain('acme');
  });

  test('explains itself: what the alert means, what the rule watches, when on the clock of the recipient', async () => {
    loopback.receiver.react(taken[name]);
    const notice = makeNotice({
      description: 'Ask the vendor.',
      runbookUrl: 'https://wiki.example/errors',
      filters: { status: 'error' },
      expression: 'up',
    });
    await channelOf(name).send(makeDelivery({ notice, timezone: 'Europe/Berlin' }), patience());
    const said = (loopback.receiver.received[0]?.body ?? '').replaceAll('\\', '');
    for (const part of [
      'Ask the vendor.',
      'https://wiki.example/errors',
      'status error',
      '2026-11-20 11:00:00 +01:00',
      'Europe/Berlin',
      'https://tidemark.example/alerts/1',
    ])
      expect(said).toContain(part);
  });

  test.each([
    [408, true],
    [429, true],
    [500, true],
    [400, false],
    [404, false],
    [302, false],
  ])('gets the answer %i, and retries: %s', async (status, retryable) => {
    loopback.receiver.react(answering(status, { 'retry-after': '1.5' }, 'the reason'));
    expect(await failureOf(channelOf(name))).toMatchObject({
      name: 'DeliveryError',
      retryable,
      message: expect.stringContaining(String(status)),
    });
    expect(loopback.receiver.received).toHaveLength(1);
  });

  test('says that it has sent too much, and how long the receiver wants no more', async () => {
    loopback.receiver.react(answering(429, { 'retry-after': '1.5' }));
    expect(await failureOf(channelOf(name))).toMatchObject({ tooMany: true, retryAfterSeconds: 1.5 });
  });

  test('gives up a request that hangs, which may have arrived', async () => {
    loopback.receiver.react(hanging);
    const failure = await failureOf(channelOf(name), AbortSignal.timeout(100));
    expect(failure).toMatchObject({ retryable: true, ambiguous: true });
  });

  test('reaches no private address that the operator does not allow', async () => {
    const closed = createOutbound({ allow: [], log: silentLog });
    for (const url of [
      `${loopback.receiver.url}/private`,
      'http://169.254.169.254/latest',
      'http://localhost:1/',
    ])
      expect(await failureOf(channelOf(name, url, closed))).toMatchObject({ ambiguous: false });
    expect(loopback.receiver.received.map(({ path }) => path)).not.toContain('/private');
    await closed.close();
  });

  test('does not send to a name without a destination', async () => {
    const sending = channelOf(name).send(makeDelivery({ recipient: 'gone' }), patience());
    await expect(sending).rejects.toMatchObject({ retryable: false });
  });

  test('keeps to limits of length, and cuts the name before the group', async () => {
    loopback.receiver.react(taken[name]);
    const notice = makeNotice({ name: '*<@everyone> '.repeat(500), group: { model: 'gpt-4o' } });
    await channelOf(name).send(makeDelivery({ notice }), patience());
    const said = (loopback.receiver.received[0]?.body ?? '').replaceAll('\\\\', '');
    expect(said).toContain('(model gpt-4o)');
    expect(said.length).toBeLessThan(12_000);
  });
});

test('PagerDuty gets one incident for an alert, which its end resolves', async () => {
  loopback.receiver.react(taken.pagerduty);
  await channelOf('pagerduty').send(makeDelivery(), patience());
  const resolved = makeNotice({ kind: 'resolved', reason: 'within_threshold', value: 0.01 });
  await channelOf('pagerduty').send(makeDelivery({ notice: resolved }), patience());
  expect(sent()).toMatchObject({
    routing_key: routingKey,
    event_action: 'trigger',
    dedup_key: makeNotice().alertId,
    payload: { source: 'acme', severity: 'critical', custom_details: { Value: '7.3 %', Threshold: '5 %' } },
  });
  expect(sent(1)).toMatchObject({ event_action: 'resolve', dedup_key: makeNotice().alertId });
});

test('Teams gets an Adaptive Card, in which no name is Markdown', async () => {
  loopback.receiver.react(taken.teams);
  await channelOf('teams').send(makeDelivery(), patience());
  const { type, attachments } = sent();
  expect({ type, ...attachments[0] }).toMatchObject({
    type: 'message',
    contentType: 'application/vnd.microsoft.card.adaptive',
    content: { type: 'AdaptiveCard', version: '1.4' },
  });
  const kinds = attachments[0].content.body.map(({ type: of }: { type: string }) => of);
  expect(new Set(kinds)).toEqual(new Set(['RichTextBlock']));
});

test('Discord gets an embed that mentions nobody, in which no name is Markdown', async () => {
  loopback.receiver.react(taken.discord);
  const notice = makeNotice({ name: '*x* @everyone [y](https://evil.example)', group: {} });
  await channelOf('discord').send(makeDelivery({ notice }), patience());
  expect(loopback.receiver.received[0]?.path).toBe('/hook?wait=true');
  const { allowed_mentions: mentions, embeds } = sent();
  expect(mentions).toEqual({ parse: [] });
  expect(embeds[0].title).toBe('\\*x\\* \\@everyone \\[y\\]\\(https\\://evil.example\\) is firing');
});
