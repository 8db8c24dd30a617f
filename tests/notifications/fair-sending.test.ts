import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createEndpoint } from '../../src/notifications/channels/webhook/webhook-endpoints.ts';
import { listDeliveries } from '../../src/notifications/outbox/deliveries.ts';
import { MINUTE } from '../../src/time.ts';
import { patience, useDeliverers } from '../support/alerting/deliverers.ts';
import { makeNotice } from '../support/alerting/notices.ts';
import { fireAlert, ownName } from '../support/alerting/outbox.ts';
import { useDatabase } from '../support/database/database.ts';
import { answering } from '../support/servers/http-receiver.ts';

const database = useDatabase();
const on = useDeliverers(database);

/** A webhook of an org, whose requests have the path `/<org>/<name>`. */
async function makeHook(orgId: string): Promise<string> {
  const name = ownName();
  const url = `${on.hook.url}/${orgId}/${name}`;
  await createEndpoint(database.pool, { orgId, name, url }, 'test', on.now());
  return name;
}

/** Puts a message about a new alert of an org. @returns the id of the alert */
async function put(
  orgId: string,
  recipient: string,
  severity: 'critical' | 'warning' = 'critical',
): Promise<string> {
  const alertId = await fireAlert(database.pool, makeNotice({ orgId }));
  await on.put(alertId, { channel: 'webhook', recipient, notice: { orgId, severity } });
  return alertId;
}

/** Requests for this org hang, all others are answered. */
function hangFor(orgId: string): void {
  on.hook.react((response, { path }) => {
    if (!path.startsWith(`/${orgId}/`)) response.end();
  });
}

function requestsFor(orgId: string): number {
  return on.hook.received.filter(({ path }) => path.startsWith(`/${orgId}/`)).length;
}

async function statusesOf(orgId: string): Promise<string[]> {
  const { rows } = await database.pool.query<{ status: string }>(
    'select status from analytics.notification_outbox where org_id = $1',
    [orgId],
  );
  return rows.map(({ status }) => status);
}

test('a critical notice arrives while a hundred older ones of another org hang', async () => {
  const [attacker, victim] = [ownName(), ownName()];
  hangFor(attacker);
  const hanging = await makeHook(attacker);
  for (let index = 0; index < 100; index++) await put(attacker, hanging);
  const deliverer = await on.start();
  await expect.poll(() => requestsFor(attacker), patience).toBe(4);
  const alertId = await put(victim, await makeHook(victim));
  deliverer.wake();
  await on.outcome(alertId, ['sent']);
  expect(requestsFor(attacker)).toBe(4);
  expect((await statusesOf(attacker)).filter((status) => status === 'leased')).toHaveLength(4);
});

test('an org with many recipients that hang leaves places for others, even for a warning', async () => {
  const [attacker, victim] = [ownName(), ownName()];
  hangFor(attacker);
  for (let index = 0; index < 80; index++) await put(attacker, await makeHook(attacker));
  const deliverer = await on.start();
  await expect.poll(() => requestsFor(attacker), patience).toBe(32);
  const alertId = await put(victim, await makeHook(victim), 'warning');
  deliverer.wake();
  await on.outcome(alertId, ['sent']);
  expect(requestsFor(attacker)).toBe(32);
});

test('a place that is given back goes to the next message at once, and critical ones go first', async () => {
  const org = ownName();
  const name = await makeHook(org);
  for (let index = 0; index < 20; index++) await put(org, name, 'warning');
  const critical = await put(org, name, 'critical');
  await on.start();
  await expect.poll(async () => new Set(await statusesOf(org)), patience).toEqual(new Set(['sent']));
  const first = on.hook.received.slice(0, 4).map(({ body }) => JSON.parse(body).data.alertId);
  expect(first).toContain(critical);
});

test('a recipient that fails again and again is held back, and its messages say so', async () => {
  const [failing, other] = [ownName(), ownName()];
  on.hook.react((response, { path }) => {
    response.writeHead(path.startsWith(`/${failing}/`) ? 503 : 200).end();
  });
  const name = await makeHook(failing);
  for (let index = 0; index < 10; index++) await put(failing, name);
  const deliverer = await on.start();
  const waiting = () => listDeliveries(database.pool, { orgs: [failing], status: 'waiting', limit: 20 });
  await expect
    .poll(async () => (await waiting()).filter(({ failure }) => failure !== null), patience)
    .toHaveLength(10);
  // Four are on their way at once: three more may have begun before the third had failed.
  const attempts = requestsFor(failing);
  expect(attempts).toBeLessThanOrEqual(6);
  const words =
    /^held back until .*Z, because the last 3 attempts to reach the recipient failed: the webhook answered 503$/;
  expect((await waiting()).filter(({ failure }) => words.test(failure ?? ''))).toHaveLength(10 - attempts);

  const alertId = await put(other, await makeHook(other));
  deliverer.wake();
  await on.outcome(alertId, ['sent']);
  expect(requestsFor(failing)).toBe(attempts);

  on.hook.react(answering(200));
  on.clock.at += MINUTE;
  deliverer.wake();
  await expect.poll(async () => new Set(await statusesOf(failing)), patience).toEqual(new Set(['sent']));
  expect(on.hook.received.filter(({ path }) => path.startsWith(`/${failing}/`))).toHaveLength(10 + attempts);
});

test('a held recipient gets one attempt after the hold, not all its messages', async () => {
  const org = ownName();
  on.hook.react(answering(503));
  const name = await makeHook(org);
  for (let index = 0; index < 10; index++) await put(org, name);
  const deliverer = await on.start();
  const held = async () => {
    const rows = await listDeliveries(database.pool, { orgs: [org], status: 'waiting', limit: 20 });
    return rows.filter(({ failure }) => failure !== null).length;
  };
  await expect.poll(held, patience).toBe(10);
  const before = requestsFor(org);
  on.clock.at += MINUTE;
  deliverer.wake();
  await expect.poll(() => requestsFor(org), patience).toBe(before + 1);
  await wait(200);
  deliverer.wake();
  await wait(200);
  expect(requestsFor(org)).toBe(before + 1);
});

test('messages of before yesterday are given up when their recipient has failed ten times in a row', async () => {
  const org = ownName();
  on.hook.react(answering(503));
  const name = await makeHook(org);
  for (let index = 0; index < 40; index++) await put(org, name);
  await database.pool.query(
    `update analytics.notification_outbox set created_at = $2 where org_id = $1 and id > (
       select min(id) + 35 from analytics.notification_outbox where org_id = $1)`,
    [org, new Date(on.clock.at - 25 * 60 * MINUTE)],
  );
  const deliverer = await on.start();
  const dead = () => listDeliveries(database.pool, { orgs: [org], status: 'dead', limit: 20 });
  // The younger ones come first, and are more than ten failures need.
  await expect
    .poll(async () => {
      on.clock.at += MINUTE;
      deliverer.wake();
      return (await dead()).map(({ attempts }) => attempts);
    }, patience)
    .toEqual([0, 0, 0, 0]);
  expect((await statusesOf(org)).filter((status) => status !== 'dead')).toHaveLength(36);
});

test('SMS are not held back: each critical one has to fail before it goes another way', async () => {
  on.sms.react(answering(503));
  const alerts = await Promise.all(Array.from({ length: 10 }, () => fireAlert(database.pool)));
  for (const alertId of alerts) await on.put(alertId);
  await on.start();
  await expect.poll(() => on.slack.received.length, patience).toBe(10);
  expect(on.sms.received).toHaveLength(10);
});
