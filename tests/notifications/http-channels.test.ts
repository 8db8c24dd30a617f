import { createServer } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import type { Channel, DeliveryError } from '../../src/notifications/channels/channel.ts';
import { Lookups } from '../../src/notifications/channels/lookups.ts';
import { createOutbound } from '../../src/notifications/channels/outbound.ts';
import { createSlack } from '../../src/notifications/channels/slack/slack.ts';
import { createSms } from '../../src/notifications/channels/sms/sms.ts';
import { createWebhook } from '../../src/notifications/channels/webhook/webhook.ts';
import { systemClock } from '../../src/time.ts';
import { makeDelivery, makeNotice } from '../support/alerting/notices.ts';
import { silentLog } from '../support/events/ingestion.ts';
import { answering, hanging, hangingUp, startReceiver } from '../support/servers/http-receiver.ts';
import { patience, useLoopback } from './loopback.ts';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const message = answering(201, { 'content-type': 'application/json' }, '{"sid":"SM1"}');

const NO_PUBLIC_ADDRESS = 'the host of the URL has no public address; the log of the service has the details';

const loopback = useLoopback();

const channels: Record<'slack' | 'sms' | 'webhook', () => Channel> = {
  slack: () =>
    createSlack(loopback.outbound, (name) =>
      name === 'ops' ? `${loopback.receiver.url}/services/T/B/x` : undefined,
    ),
  sms: () =>
    createSms(loopback.outbound, {
      accountSid: 'AC1',
      authToken: 'token',
      from: '+15005550006',
      baseUrl: loopback.receiver.url,
      prefixes: [],
    }),
  webhook: () =>
    createWebhook(loopback.outbound, systemClock, async (name) =>
      name === 'ops' ? { url: `${loopback.receiver.url}/hook`, secret } : undefined,
    ),
};
const taken = { slack: answering(200, {}, 'ok'), sms: message, webhook: answering(204) };

async function failureOf(channel: Channel, signal = patience()): Promise<DeliveryError> {
  try {
    await channel.send(makeDelivery(), signal);
  } catch (error) {
    return error as DeliveryError;
  }
  throw new Error('it was delivered');
}

test.each(['slack', 'webhook'] as const)(
  '%s explains what the alert means and what the rule watches',
  async (name) => {
    loopback.receiver.react(taken[name]);
    const said = {
      description: 'Ask the vendor.',
      runbookUrl: 'https://wiki.example/errors',
      filters: { status: 'error' },
      expression: 'up == 0',
    };
    const delivery = makeDelivery({ notice: makeNotice(said), timezone: 'Europe/Berlin' });
    await channels[name]().send(delivery, patience());
    const { body } = loopback.receiver.received[0] ?? { body: '' };
    if (name === 'webhook') expect(JSON.parse(body).data).toMatchObject({ ...said, links: delivery.links });
    for (const part of [
      'Ask the vendor.',
      'https://wiki.example/errors',
      'up == 0',
      delivery.links.alert ?? '',
    ])
      expect(body).toContain(part);
    if (name === 'slack') expect(body).toContain('2026-11-20 11:00:00 +01:00 (Europe/Berlin)');
  },
);

describe.each(['slack', 'sms', 'webhook'] as const)('%s', (name) => {
  const channel = () => channels[name]();

  test('sends one request, and is done when the provider has accepted it', async () => {
    loopback.receiver.react(taken[name]);
    const receipt = await channel().send(makeDelivery(), patience());
    expect(receipt).toEqual(name === 'sms' ? { providerId: 'SM1' } : {});
    expect(loopback.receiver.received).toHaveLength(1);
    expect(loopback.receiver.received[0]?.body).toContain('7.3');
  });

  test('names the person who ended the alert, and their note', async () => {
    loopback.receiver.react(taken[name]);
    const notice = makeNotice({ kind: 'resolved', reason: 'by_person', actorId: 'eve', note: 'done' });
    await channel().send(makeDelivery({ notice }), patience());
    const body = loopback.receiver.received[0]?.body ?? '';
    const said = name === 'sms' ? (new URLSearchParams(body).get('Body') ?? '') : body;
    expect(said.replaceAll('\\"', '"')).toContain(
      'resolved by eve: "done"; usage.error_rate was 7.3 %, above 5 %',
    );
  });

  test('waits as long as Retry-After says when it has sent too much', async () => {
    loopback.receiver.react(answering(429, { 'retry-after': '17' }));
    expect(await failureOf(channel())).toMatchObject({
      retryable: true,
      retryAfterSeconds: 17,
      ambiguous: false,
    });
    loopback.receiver.react(
      answering(429, {
        date: 'Fri, 20 Nov 2026 10:00:00 GMT',
        'retry-after': 'Fri, 20 Nov 2026 10:01:30 GMT',
      }),
    );
    expect(await failureOf(channel())).toMatchObject({ retryAfterSeconds: 90 });
  });

  test.each([
    [408, true, false],
    [500, true, true],
    [503, true, true],
    [400, false, false],
    [404, false, false],
    [410, false, false],
  ])('gets the answer %i, and retries: %s', async (status, retryable, ambiguous) => {
    loopback.receiver.react(answering(status, {}, 'the reason'));
    const failure = await failureOf(channel());
    expect(failure).toMatchObject({ name: 'DeliveryError', retryable, ambiguous });
    expect(failure.message).toContain(String(status));
    expect(failure.message).toContain('the reason');
    expect(loopback.receiver.received).toHaveLength(1);
  });

  test('gives up a request that hangs, which may have arrived', async () => {
    loopback.receiver.react(hanging);
    const failure = await failureOf(channel(), AbortSignal.timeout(100));
    expect(failure).toMatchObject({ retryable: true, ambiguous: true, message: 'no answer in time' });
  });

  test('fails when the provider hangs up, and the message may have arrived', async () => {
    loopback.receiver.react(hangingUp);
    expect(await failureOf(channel())).toMatchObject({ retryable: true, ambiguous: true });
  });
});

test('a message to a closed port has certainly not arrived', async () => {
  const gone = await startReceiver();
  await gone.close();
  const account = {
    accountSid: 'AC1',
    authToken: 'token',
    from: '+15005550006',
    baseUrl: gone.url,
    prefixes: [],
  };
  expect(await failureOf(createSms(loopback.outbound, account))).toMatchObject({
    retryable: true,
    ambiguous: false,
  });
});

test('a message to a name without a destination is not tried again', async () => {
  for (const channel of [channels.slack(), channels.webhook()]) {
    const sent = channel.send(makeDelivery({ recipient: 'gone' }), patience());
    await expect(sent).rejects.toMatchObject({ retryable: false, message: expect.stringContaining('gone') });
  }
});

describe('sms', () => {
  test('uses the API of Twilio', async () => {
    loopback.receiver.react(message);
    await channels.sms().send(makeDelivery({ recipient: '+4915112345678' }), patience());
    const [request] = loopback.receiver.received;
    expect(request?.path).toBe('/2010-04-01/Accounts/AC1/Messages.json');
    expect(request?.headers.authorization).toBe(`Basic ${Buffer.from('AC1:token').toString('base64')}`);
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
      To: '+4915112345678',
      From: '+15005550006',
      Body: 'CRITICAL acme: Failing answers (model gpt-4o). usage.error_rate is 7.3 %, above 5 % https://tidemark.example/alerts/1',
    });
  });

  test('is not tried again after an answer without a message id', async () => {
    loopback.receiver.react(answering(200, {}, 'hello'));
    expect(await failureOf(channels.sms())).toMatchObject({ retryable: true, ambiguous: true });
  });
});

describe('a webhook', () => {
  test('is signed, so that its receiver can detect a forged or repeated message', async () => {
    loopback.receiver.react(taken.webhook);
    await channels.webhook().send(makeDelivery(), patience());
    const [request] = loopback.receiver.received;
    const headers = request?.headers as Record<string, string>;
    expect(headers['webhook-id']).toBe('delivery-1');
    const body = new Webhook(secret).verify(request?.body ?? '', headers) as { type: string; data: object };
    expect(body.type).toBe('alert.firing');
    expect(body.data).toMatchObject({ ...makeNotice(), summary: 'Failing answers (model gpt-4o) is firing' });
    expect(() => new Webhook(secret).verify(`${request?.body} `, headers)).toThrow();
  });

  test('does not follow a redirect', async () => {
    loopback.receiver.react(answering(302, { location: `${loopback.receiver.url}/elsewhere` }));
    expect(await failureOf(channels.webhook())).toMatchObject({ retryable: false });
    expect(loopback.receiver.received.map(({ path }) => path)).toEqual(['/hook']);
  });

  test.each([
    'http://127.0.0.1:{port}/',
    'http://localhost:{port}/',
    'http://127.1:{port}/',
    'http://2130706433:{port}/',
    'http://0x7f.1:{port}/',
    'http://0.0.0.0:{port}/',
    'http://[::1]:{port}/',
    'http://[::ffff:127.0.0.1]:{port}/',
    'http://169.254.169.254/latest/meta-data/',
    'http://10.1.2.3/',
    'http://192.168.1.1/',
    'http://[fe80::1]/',
    'http://[fd00::1]/',
  ])('never connects to %s', async (template) => {
    let dialled = 0;
    const server = createServer((socket) => {
      dialled++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, resolve));
    const { port } = server.address() as { port: number };
    const lines: unknown[] = [];
    const log = { warn: (_: unknown, line: string) => void lines.push(line) };
    const closed = createOutbound({ allow: [], log: log as never });
    const url = template.replace('{port}', String(port));
    const webhook = createWebhook(closed, systemClock, async () => ({ url, secret }));
    const failure = await failureOf(webhook);
    expect(failure).toMatchObject({ retryable: true, ambiguous: false, message: NO_PUBLIC_ADDRESS });
    expect(lines).toEqual([expect.stringContaining('OUTBOUND_ALLOW')]);
    expect(dialled).toBe(0);
    await closed.close();
    await new Promise((resolve) => server.close(resolve));
  });

  test('says the same of a name that does not exist as of one that leads into our network', async () => {
    const lookups = new Lookups(async () => {
      throw Object.assign(new Error('getaddrinfo ENOTFOUND db.internal'), {
        code: 'ENOTFOUND',
        syscall: 'getaddrinfo',
      });
    });
    const closed = createOutbound({ allow: [], log: silentLog, lookups });
    const webhook = createWebhook(closed, systemClock, async () => ({ url: 'http://db.internal/', secret }));
    const { message, retryable, ambiguous } = await failureOf(webhook);
    expect({ message, retryable, ambiguous }).toEqual({
      message: NO_PUBLIC_ADDRESS,
      retryable: true,
      ambiguous: false,
    });
    await closed.close();
  });

  test('does not name the address of a host that refuses the connection', async () => {
    const opened = createOutbound({ allow: ['127.0.0.1', '::1'], log: silentLog });
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    const url = `http://localhost:${port}/`;
    const failure = await failureOf(createWebhook(opened, systemClock, async () => ({ url, secret })));
    expect(failure).toMatchObject({
      message: 'the connection was refused',
      retryable: true,
      ambiguous: false,
    });
    await opened.close();
  });

  test('connects to addresses that the operator has allowed', async () => {
    loopback.receiver.react(taken.webhook);
    const opened = createOutbound({ allow: ['127.0.0.0/8'], log: silentLog });
    const webhook = createWebhook(opened, systemClock, async () => ({ url: loopback.receiver.url, secret }));
    await webhook.send(makeDelivery(), patience());
    expect(loopback.receiver.received).toHaveLength(1);
    await opened.close();
  });
});
