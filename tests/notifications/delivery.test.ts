import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { listDeliveries } from '../../src/notifications/outbox/deliveries.ts';
import { leaseDue } from '../../src/notifications/outbox/lease-due.ts';
import { replayDead } from '../../src/notifications/outbox/outbox.ts';
import { Places } from '../../src/notifications/outbox/places.ts';
import { HOUR, MINUTE, SECOND } from '../../src/time.ts';
import { accepted, patience, useDeliverers } from '../support/alerting/deliverers.ts';
import { fireAlert, messagesOf } from '../support/alerting/outbox.ts';
import { useDatabase } from '../support/database/database.ts';
import { answering, hanging } from '../support/servers/http-receiver.ts';
import { startSmtpServer } from '../support/servers/smtp-server.ts';

const database = useDatabase();
const on = useDeliverers(database);

/** Leases due SMS, also of the given alert, as a sender that then dies. */
async function leaseAndDie(alertId: string): Promise<{ lease: number }> {
  const terms = { channel: 'sms' as const, sender: 'dead', now: on.now(), lease: 15 * SECOND };
  const { deliveries } = await leaseDue(database.pool, terms, new Places({ places: 20, ofRecipient: 10 }));
  expect(deliveries.flat().map((one) => one.alertId)).toContain(alertId);
  return terms;
}

test('a message is sent once, with its links, whoever else is sending', async () => {
  const alerts = await Promise.all(Array.from({ length: 20 }, () => fireAlert(database.pool)));
  for (const alertId of alerts) await on.put(alertId, { channel: 'slack', recipient: 'default' });
  for (const alertId of alerts) await on.put(alertId, { channel: 'webhook', recipient: await on.makeHook() });
  await Promise.all([on.start(), on.start(), on.start()]);
  for (const alertId of alerts) {
    await expect
      .poll(
        async () => (await messagesOf(database.pool, alertId)).map(({ status }) => status).sort(),
        patience,
      )
      .toEqual(['expanded', 'sent', 'sent']);
  }
  expect(on.hook.received).toHaveLength(20);
  expect(new Set(on.hook.received.map(({ headers }) => headers['webhook-id'])).size).toBe(20);
  expect(on.hook.received[0]?.body).toContain(
    'https://tidemark.example/api/v1/analytics/alerts/acknowledge?token=',
  );
});

test('a channel that hangs does not delay others', async () => {
  on.hook.react(hanging);
  const alertId = await fireAlert(database.pool);
  const name = await on.makeHook();
  for (let index = 0; index < 10; index++) await on.put(alertId, { channel: 'webhook', recipient: name });
  await on.put(alertId);
  await on.start();
  const sent = async () =>
    (await messagesOf(database.pool, alertId)).filter(({ status }) => status === 'sent').length;
  await expect.poll(sent, patience).toBe(1);
  expect(on.sms.received).toHaveLength(1);
});

describe('a provider that', () => {
  test('sends Retry-After gets the time it asks for', async () => {
    on.sms.react(answering(429, { 'retry-after': '120' }));
    const alertId = await fireAlert(database.pool);
    await on.put(alertId, { notice: { severity: 'warning' } });
    const deliverer = await on.start();
    await expect.poll(() => on.sms.received.length, patience).toBe(1);
    const [message] = await on.outcome(alertId, ['waiting']);
    const asked = on.clock.at + 120 * SECOND;
    expect(message?.not_before.getTime()).toBeGreaterThanOrEqual(asked);
    expect(message?.not_before.getTime()).toBeLessThanOrEqual(asked + 12 * SECOND);
    on.sms.react(accepted);
    on.clock.at += 132 * SECOND;
    deliverer.wake();
    expect(await on.outcome(alertId, ['sent'])).toMatchObject([
      { attempts: 2, ambiguous: false, failure: null, provider_id: 'SM1' },
    ]);
  });

  test('fails is tried again, and a message that may have arrived is marked as ambiguous', async () => {
    on.sms.react(answering(503, {}, 'down'));
    const alertId = await fireAlert(database.pool);
    await on.put(alertId, { notice: { severity: 'warning' } });
    const deliverer = await on.start();
    await expect
      .poll(async () => (await messagesOf(database.pool, alertId))[0]?.failure, patience)
      .toContain('503');
    on.sms.react(accepted);
    on.clock.at += MINUTE;
    deliverer.wake();
    expect(await on.outcome(alertId, ['sent'])).toMatchObject([{ attempts: 2, ambiguous: true }]);
  });

  test('refuses for good leaves a dead message, which can be sent again', async () => {
    on.sms.react(answering(400, {}, '{"code":21211,"message":"invalid number"}'));
    const alertId = await fireAlert(database.pool);
    const id = await on.put(alertId, { notice: { severity: 'warning' } });
    const deliverer = await on.start();
    const [dead] = await on.outcome(alertId, ['dead']);
    expect(dead?.failure).toContain('invalid number');
    const [listed] = await listDeliveries(database.pool, { orgs: 'all', id, limit: 1 });
    expect(listed).toMatchObject({ status: 'dead', diedAt: on.now().toISOString() });
    on.sms.react(accepted);
    expect(await replayDead(database.pool, id, on.now())).toBe(true);
    expect(await replayDead(database.pool, id, on.now())).toBe(false);
    deliverer.wake();
    await on.outcome(alertId, ['sent']);
  });

  test('is not set up is named', async () => {
    const alertId = await fireAlert(database.pool);
    await on.put(alertId, { channel: 'email', recipient: 'ada@acme.example' });
    await on.start();
    const [message] = await on.outcome(alertId, ['dead']);
    expect(message?.failure).toBe('email is not set up; SMTP_URL is not set');
  });
});

test('a message has an id that is unique among installations and the same at each attempt', async () => {
  const messageIds: (string | undefined)[] = [];
  const smtp = await startSmtpServer({
    onData: async (stream, _session, done) => {
      messageIds.push(/^message-id:\s*<(.*)@/im.exec(await text(stream))?.[1]);
      done();
    },
  });
  onTestFinished(() => smtp.close());
  on.hook.react(answering(503));
  const alertId = await fireAlert(database.pool);
  const id = await on.put(alertId, { channel: 'webhook', recipient: await on.makeHook() });
  const deliverer = await on.start({ SMTP_URL: smtp.url });
  await expect.poll(() => on.hook.received.length, patience).toBe(1);
  await on.outcome(alertId, ['waiting']);
  on.hook.react(answering(200));
  on.clock.at += MINUTE;
  const mail = { channel: 'email', recipient: 'ada@acme.example' } as const;
  await on.put(alertId, mail);
  deliverer.wake();
  await on.outcome(alertId, ['sent', 'sent']);
  const second = await on.put(alertId, { ...mail, notice: { kind: 'still_firing' } });
  deliverer.wake();
  await on.outcome(alertId, ['sent', 'sent', 'sent']);
  for (const { headers } of on.hook.received) expect(headers['webhook-id']).toBe(`${alertId}-${id}`);
  expect(messageIds).toEqual([expect.stringContaining(`${alertId}-`), `${alertId}-${second}`]);
});

describe('a critical SMS that is not accepted', () => {
  test('is sent by another channel at once, which is marked as the stand-in', async () => {
    on.sms.react(answering(500));
    const alertId = await fireAlert(database.pool);
    const failed = await on.put(alertId);
    await on.start();
    await expect.poll(() => on.slack.received.length, patience).toBe(1);
    const [first, second, ...others] = await on.outcome(alertId, ['waiting', 'sent']);
    expect(first).toMatchObject({ id: failed, channel: 'sms' });
    expect(second).toMatchObject({ channel: 'slack', recipient: 'analytics', stands_in_for: failed });
    expect(others).toEqual([]);
  });

  test('is sent by another channel even if the first sender died', async () => {
    const alertId = await fireAlert(database.pool);
    await on.put(alertId);
    const { lease } = await leaseAndDie(alertId);
    on.clock.at += lease + 1;
    on.sms.react(answering(500));
    await on.start();
    await on.outcome(alertId, ['waiting', 'sent']);
    expect(on.slack.received).toHaveLength(1);
  });
});

test('every critical message behind an SMS that hangs is sent by another channel', async () => {
  on.sms.react(hanging);
  const alerts = await Promise.all(Array.from({ length: 30 }, () => fireAlert(database.pool)));
  for (const alertId of alerts) await on.put(alertId);
  const deliverer = await on.start();
  await expect.poll(() => on.sms.received.length, patience).toBe(4);
  expect(on.slack.received).toEqual([]);
  on.clock.at += 10 * SECOND;
  deliverer.wake();
  await expect.poll(() => on.slack.received.length, patience).toBe(30);
  // Each was sent by Slack once, while some SMS still wait for a place and were never tried.
  const messages = (await Promise.all(alerts.map((id) => messagesOf(database.pool, id)))).flat();
  expect(messages.filter(({ channel }) => channel === 'slack')).toHaveLength(30);
  expect(messages.some(({ channel, status }) => channel === 'sms' && status === 'waiting')).toBe(true);
  // Later tests use the same outbox.
  await database.pool.query('truncate analytics.notification_outbox');
});

describe('just before it is sent, a message', () => {
  const acknowledge = (alertId: string) =>
    database.pool.query(
      `update analytics.alert_history set workflow = 'acknowledged', acknowledged_by = 'ada' where id = $1`,
      [alertId],
    );
  const resolve = (alertId: string) =>
    database.pool.query(
      `update analytics.alert_history set workflow = 'resolved', resolved_at = now() where id = $1`,
      [alertId],
    );

  test('of an acknowledged alert is dropped, naming the person who acknowledged it', async () => {
    const alertId = await fireAlert(database.pool);
    await on.put(alertId);
    await acknowledge(alertId);
    await on.start();
    const [message] = await on.outcome(alertId, ['cancelled']);
    expect(message?.failure).toBe('ada acknowledged the alert before the message was sent');
    expect(on.sms.received).toEqual([]);
  });

  test('of an alert that has ended is dropped, and so is that of its end', async () => {
    const alertId = await fireAlert(database.pool);
    await on.put(alertId);
    await on.put(alertId, { notice: { kind: 'resolved' } });
    await resolve(alertId);
    await on.start();
    await on.outcome(alertId, ['cancelled', 'cancelled']);
    expect(on.sms.received).toEqual([]);
  });

  test('of the end is sent to everyone who was told of the start', async () => {
    const alertId = await fireAlert(database.pool);
    await on.put(alertId);
    const deliverer = await on.start();
    await on.outcome(alertId, ['sent']);
    await resolve(alertId);
    await on.put(alertId, { notice: { kind: 'resolved' } });
    await on.put(alertId, { notice: { kind: 'resolved' }, recipient: '+4915199999999' });
    deliverer.wake();
    await on.outcome(alertId, ['sent', 'sent', 'cancelled']);
  });

  test('of the end does not wait for a message that is held until morning', async () => {
    const alertId = await fireAlert(database.pool);
    await on.put(alertId, { heldUntil: new Date(on.clock.at + 8 * HOUR), notice: { severity: 'warning' } });
    await on.put(alertId, { notice: { kind: 'escalated' } });
    const deliverer = await on.start();
    await on.outcome(alertId, ['waiting', 'sent']);
    await resolve(alertId);
    await on.put(alertId, { notice: { kind: 'resolved' } });
    deliverer.wake();
    await on.outcome(alertId, ['waiting', 'sent', 'sent']);
    on.clock.at += 9 * HOUR;
    deliverer.wake();
    await on.outcome(alertId, ['cancelled', 'sent', 'sent']);
  });

  test('that was added after a later one of its alert is dropped once that is sent', async () => {
    const alertId = await fireAlert(database.pool);
    await on.put(alertId, { notice: { kind: 'escalated' }, transitionId: 2_000_000 });
    const deliverer = await on.start();
    await on.outcome(alertId, ['sent']);
    await on.put(alertId, { transitionId: 1_999_999 });
    deliverer.wake();
    const [, late] = await on.outcome(alertId, ['sent', 'cancelled']);
    expect(late?.failure).toBe('a later message of the alert replaces it');
  });
});

test('a message whose sender died is sent by another, and marked as ambiguous', async () => {
  const alertId = await fireAlert(database.pool);
  await on.put(alertId, { notice: { severity: 'warning' } });
  const { lease } = await leaseAndDie(alertId);
  const deliverer = await on.start();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(on.sms.received).toEqual([]);
  on.clock.at += lease + 1;
  deliverer.wake();
  expect(await on.outcome(alertId, ['sent'])).toMatchObject([{ attempts: 2, ambiguous: true }]);
});

test('broken database connections delay messages, and neither lose nor double them', async () => {
  const name = await on.makeHook();
  const alerts = await Promise.all(Array.from({ length: 40 }, () => fireAlert(database.pool)));
  await on.start();
  for (const [index, alertId] of alerts.entries()) {
    await on.put(alertId, { channel: 'webhook', recipient: name });
    if (index % 10 === 5) {
      await database.pool
        .query(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and pid <> pg_backend_pid()`,
        )
        .catch(() => {});
    }
  }
  await expect
    .poll(async () => {
      on.clock.at += 20 * SECOND;
      return new Set(
        (await Promise.all(alerts.map((id) => messagesOf(database.pool, id)))).flat().map((m) => m.status),
      );
    }, patience)
    .toEqual(new Set(['sent']));
  const told = (await Promise.all(alerts.map((id) => messagesOf(database.pool, id)))).flat();
  const sure = told.filter(({ ambiguous }) => !ambiguous).map(({ id }) => id);
  for (const id of sure) {
    const its = on.hook.received.filter(({ headers }) => String(headers['webhook-id']).endsWith(`-${id}`));
    expect(its).toHaveLength(1);
  }
  expect(new Set(on.hook.received.map(({ headers }) => headers['webhook-id'])).size).toBe(40);
});
