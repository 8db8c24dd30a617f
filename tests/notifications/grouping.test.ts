import { describe, expect, test } from 'vitest';
import { MINUTE, SECOND } from '../../src/time.ts';
import { patience, useDeliverers } from '../support/alerting/deliverers.ts';
import { makeNotice } from '../support/alerting/notices.ts';
import { fireAlert, messagesOf } from '../support/alerting/outbox.ts';
import { useDatabase } from '../support/database/database.ts';
import { answering } from '../support/servers/http-receiver.ts';

const database = useDatabase();
const on = useDeliverers(database);
const grouped = { ALERT_GROUP_WAIT: '30s' };
let phones = 0;

function newPhone(): string {
  return `+49151${String(++phones).padStart(8, '0')}`;
}

async function put(recipient: string, model: string, given: Parameters<typeof makeNotice>[0] = {}) {
  const notice = { group: { model }, ...given };
  const alertId = await fireAlert(database.pool, makeNotice(notice));
  await on.put(alertId, { recipient, notice: { ...notice, at: on.now().toISOString() } });
  return alertId;
}

function bodies(): string[] {
  return on.sms.received.map(({ body }) => new URLSearchParams(body).get('Body') ?? '');
}

test('two hundred models that fail are one SMS, with how many there are', async () => {
  const phone = newPhone();
  const alerts: string[] = [];
  for (let model = 0; model < 200; model++) alerts.push(await put(phone, `m${model}`));
  await Promise.all([on.start(grouped), on.start(grouped)]);
  for (const alertId of [alerts[0] ?? '', alerts[199] ?? '']) await on.outcome(alertId, ['sent']);
  expect(bodies()).toHaveLength(1);
  expect(bodies()[0]).toMatch(
    /^CRITICAL acme: Failing answers: 200 alerts, 200 firing: model m0; model m1; /,
  );
  expect(bodies()[0]?.length).toBeLessThanOrEqual(160);
});

test('the first message goes at once, and those within the wait are one message at its end', async () => {
  const phone = newPhone();
  const first = await put(phone, 'a', { severity: 'warning' });
  const deliverer = await on.start(grouped);
  await on.outcome(first, ['sent']);
  on.clock.at += SECOND;
  const [second, third] = [
    await put(phone, 'b', { severity: 'warning' }),
    await put(phone, 'c', { severity: 'warning' }),
  ];
  deliverer.wake();
  // Another person is not held up, nor is a critical alert.
  const other = await put(newPhone(), 'd', { severity: 'warning' });
  deliverer.wake();
  await on.outcome(other, ['sent']);
  expect((await messagesOf(database.pool, second))[0]?.status).toBe('waiting');
  on.clock.at += 29 * SECOND;
  deliverer.wake();
  await on.outcome(second, ['sent']);
  await on.outcome(third, ['sent']);
  expect(bodies()).toHaveLength(3);
  expect(bodies()[2]).toContain('2 alerts, 2 firing');
});

test('a critical alert waits for no warning, and takes along what waits', async () => {
  const phone = newPhone();
  const first = await put(phone, 'a', { severity: 'warning' });
  const deliverer = await on.start(grouped);
  await on.outcome(first, ['sent']);
  const held = await put(phone, 'b', { severity: 'warning' });
  const critical = await put(phone, 'c');
  deliverer.wake();
  await on.outcome(critical, ['sent']);
  await on.outcome(held, ['sent']);
  expect(bodies()[1]).toMatch(/^CRITICAL acme: Failing answers: 2 alerts/);
  const next = await put(phone, 'd');
  on.clock.at += 5 * SECOND;
  deliverer.wake();
  await on.outcome(next, ['sent']);
});

test('alerts of several rules are named with their state, in each channel for people', async () => {
  const configId = '0198f3a2-0000-7000-8000-000000000002';
  const ids: string[] = [];
  for (const given of [{}, { configId, name: 'Slow answers' }]) {
    const notice = makeNotice({ ...given, severity: 'warning' });
    const alertId = await fireAlert(database.pool, notice);
    await on.put(alertId, { channel: 'slack', recipient: 'analytics', notice });
    ids.push(alertId);
  }
  on.slack.react(answering(200, {}, 'ok'));
  await on.start(grouped);
  for (const alertId of ids) await on.outcome(alertId, ['sent']);
  expect(on.slack.received).toHaveLength(1);
  const body = on.slack.received[0]?.body ?? '';
  for (const part of [
    '2 alerts of acme',
    '2 firing',
    'Slow answers (model gpt-4o)',
    'Failing answers (model gpt-4o)',
  ])
    expect(body).toContain(part);
  expect(body).toContain('/console/alerts"');
  // A phone shows this text alone.
  expect(JSON.parse(body).text).toBe('[warning] 2 alerts of acme, 2 firing');
});

describe('a message for several alerts', () => {
  test('that is refused for good is told one by one, so that one alert keeps no other from being told', async () => {
    const phone = newPhone();
    on.sms.react((response, { body }) => {
      const isBad = (new URLSearchParams(body).get('Body') ?? '').includes('bad');
      response.writeHead(isBad ? 400 : 201, { 'content-type': 'application/json' }).end('{"sid":"SM1"}');
    });
    const [good, bad] = [
      await put(phone, 'good', { severity: 'warning' }),
      await put(phone, 'bad', { severity: 'warning' }),
    ];
    await on.start(grouped);
    await on.outcome(good, ['sent']);
    await on.outcome(bad, ['dead']);
    expect(bodies()).toHaveLength(3);
  });

  test('that may have arrived is repeated with the same alerts, and no others', async () => {
    const phone = newPhone();
    on.sms.react(answering(500));
    const first = [
      await put(phone, 'a', { severity: 'warning' }),
      await put(phone, 'b', { severity: 'warning' }),
    ];
    const deliverer = await on.start(grouped);
    await on.outcome(first[0] ?? '', ['waiting']);
    // The retry is dated before the clock moves on.
    const failureOf = async () => (await messagesOf(database.pool, first[1] ?? ''))[0]?.failure;
    await expect.poll(failureOf, patience).toContain('500');
    expect(bodies()).toHaveLength(1);
    const later = await put(phone, 'c', { severity: 'warning' });
    on.sms.react(answering(201, {}, '{"sid":"SM1"}'));
    on.clock.at += 5 * MINUTE;
    deliverer.wake();
    await on.outcome(first[0] ?? '', ['sent']);
    await on.outcome(first[1] ?? '', ['sent']);
    await on.outcome(later, ['sent']);
    const told = bodies().map((body) => /\d+ alerts/.exec(body)?.[0] ?? 'one');
    expect(told.sort()).toEqual(['2 alerts', '2 alerts', 'one']);
  });
});
