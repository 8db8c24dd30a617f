import { expect, test } from 'vitest';
import { createEndpoint } from '../../src/notifications/channels/webhook/webhook-endpoints.ts';
import type { NoticeKind, Severity } from '../../src/notifications/notice/notice.ts';
import { expandByPreference } from '../../src/notifications/outbox/expand.ts';
import { savePreference } from '../../src/notifications/routing/preferences.ts';
import { HOUR, MINUTE } from '../../src/time.ts';
import { patience, useDeliverers } from '../support/alerting/deliverers.ts';
import { elsewhere, makeNotice } from '../support/alerting/notices.ts';
import { fireAlert, type Message, messagesOf, ownName } from '../support/alerting/outbox.ts';
import { useDatabase } from '../support/database/database.ts';

const database = useDatabase();
const on = useDeliverers(database);

const EVENING = Date.parse('2026-11-20T21:30:00Z');
const MORNING = Date.parse('2026-11-21T06:00:00Z');
const STARTED = '2026-11-20T21:30:00.000Z';

/** An alert of an org for which Ada has quiet hours from ten to seven. */
async function alertOfNight(): Promise<{ org: string; alertId: string }> {
  const [org, name] = [ownName(), ownName()];
  await createEndpoint(database.pool, { orgId: org, name, url: on.hook.url }, 'test', on.now());
  const asleep = { from: '22:00', to: '07:00', timezone: 'Europe/Berlin' };
  const channels = { info: [], warning: ['webhook' as const], critical: ['webhook' as const] };
  const ada = { kind: 'user' as const, id: ownName(), orgId: org, webhook: name, ...elsewhere, channels };
  const nothing = { email: null, phone: null, slack: null };
  await savePreference(database.pool, { ...ada, ...nothing, quietHours: asleep }, 'test', on.now());
  return { org, alertId: await fireAlert(database.pool, makeNotice({ orgId: org, startedAt: STARTED })) };
}

/** Decides a notice at that time (in milliseconds) and looks up its recipients. */
async function decide(
  { org, alertId }: { org: string; alertId: string },
  at: number,
  kind: NoticeKind,
  severity: Severity = 'warning',
): Promise<void> {
  on.clock.at = at;
  const notice = { orgId: org, kind, severity, startedAt: STARTED, at: on.now().toISOString() };
  await on.put(alertId, { channel: 'webhook', recipient: 'default', notice });
  await expandByPreference(database.pool, { email: [], sms: [], slack: [] }, on.now());
  if (kind !== 'resolved') return;
  const over = `update analytics.alert_history set workflow = 'resolved', resolved_at = $2 where id = $1`;
  await database.pool.query(over, [alertId, on.now()]);
}

/** The messages to Ada once none of them is left to send. */
async function settled(alertId: string): Promise<Message[]> {
  const adas = async () =>
    (await messagesOf(database.pool, alertId)).filter(({ recipient }) => recipient !== 'default');
  await expect
    .poll(async () => (await adas()).filter(({ status }) => /waiting|leased/.test(status)), patience)
    .toEqual([]);
  return adas();
}

function sentTypes() {
  return on.hook.received.map(({ body }) => JSON.parse(body).type);
}

test('after quiet hours only the latest held notice is sent, as the first notice of the alert', async () => {
  const night = await alertOfNight();
  await decide(night, EVENING, 'firing');
  for (let hour = 1; hour <= 20; hour++) await decide(night, EVENING + hour * 20 * MINUTE, 'still_firing');
  on.clock.at = MORNING;
  await Promise.all([on.start(), on.start()]);
  const messages = await settled(night.alertId);
  expect(sentTypes()).toEqual(['alert.firing']);
  const at = new Date(EVENING + 20 * 20 * MINUTE).toISOString();
  expect(JSON.parse(on.hook.received[0]?.body ?? '').data).toMatchObject({ startedAt: STARTED, at });
  expect(messages.at(-1)).toMatchObject({ notice: 'still_firing', status: 'sent' });
  const earlier = { status: 'cancelled', failure: 'a later message of the alert replaces it' };
  expect(messages.slice(0, -1)).toMatchObject(Array.from({ length: 20 }, () => earlier));
});

test('a person told of an alert before quiet hours is told after them that it still fires', async () => {
  const night = await alertOfNight();
  await decide(night, EVENING - HOUR, 'firing');
  const deliverer = await on.start();
  await expect.poll(sentTypes, patience).toHaveLength(1);
  await settled(night.alertId);
  for (let hour = 1; hour <= 3; hour++) await decide(night, EVENING + hour * HOUR, 'still_firing');
  on.clock.at = MORNING;
  deliverer.wake();
  await settled(night.alertId);
  expect(sentTypes()).toEqual(['alert.firing', 'alert.still_firing']);
});

test('an alert that becomes critical at night is told at once as firing, and not again in the morning', async () => {
  const night = await alertOfNight();
  await decide(night, EVENING, 'firing');
  await decide(night, EVENING + HOUR, 'escalated', 'critical');
  const deliverer = await on.start();
  await expect.poll(sentTypes, patience).toEqual(['alert.firing']);
  // The lease would be over in the morning, so the delivery has to be recorded first.
  const statuses = async () => (await messagesOf(database.pool, night.alertId)).map(({ status }) => status);
  await expect.poll(statuses, patience).toContain('sent');
  on.clock.at = MORNING;
  deliverer.wake();
  const messages = await settled(night.alertId);
  expect(messages.map(({ status }) => status)).toEqual(['cancelled', 'sent']);
  expect(sentTypes()).toHaveLength(1);
});

test('an alert that begins and ends at night is not told in the morning', async () => {
  const night = await alertOfNight();
  await decide(night, EVENING, 'firing');
  await decide(night, EVENING + HOUR, 'still_firing');
  await decide(night, EVENING + 2 * HOUR, 'resolved');
  on.clock.at = MORNING;
  await on.start();
  expect((await settled(night.alertId)).map(({ failure }) => failure)).toEqual([
    'the alert was over before the message could be sent',
    'the alert was over before the message could be sent',
    'the recipient was never told that the alert fired',
  ]);
  expect(sentTypes()).toEqual([]);
});
