import { expect, test } from 'vitest';
import { listDeliveries } from '../../src/notifications/outbox/deliveries.ts';
import { SECOND } from '../../src/time.ts';
import { patience, useDeliverers } from '../support/alerting/deliverers.ts';
import { makeNotice } from '../support/alerting/notices.ts';
import { fireAlert } from '../support/alerting/outbox.ts';
import { useDatabase } from '../support/database/database.ts';
import { answering } from '../support/servers/http-receiver.ts';

const database = useDatabase();
const on = useDeliverers(database);

async function put(recipient: string, severity: 'critical' | 'warning' = 'warning'): Promise<string> {
  const alertId = await fireAlert(database.pool, makeNotice());
  await on.put(alertId, { channel: 'webhook', recipient, notice: { severity } });
  return alertId;
}

async function statuses(): Promise<Record<string, number>> {
  const { rows } = await database.pool.query<{ status: string; count: number }>(
    'select status, count(*)::int as count from analytics.notification_outbox group by 1',
  );
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
}

test('a 429 holds back the destination in every process, and a critical notice is the first to go on', async () => {
  on.hook.react(answering(429, { 'retry-after': '30' }));
  const name = await on.makeHook();
  for (let index = 0; index < 20; index++) await put(name);
  const [first, second] = [await on.start(), await on.start()];
  const waiting = () => listDeliveries(database.pool, { orgs: ['acme'], status: 'waiting', limit: 50 });
  await expect
    .poll(async () => (await waiting()).filter(({ failure }) => failure !== null), patience)
    .toHaveLength(20);
  // The attempts of both processes that had begun before the first refusal.
  const refused = on.hook.received.length;
  expect(refused).toBeLessThanOrEqual(8);
  const words =
    /^held back until .*Z, because the recipient got too many messages: the webhook answered 429$/;
  expect((await waiting()).filter(({ failure }) => words.test(failure ?? ''))).toHaveLength(20 - refused);

  // Another destination of the org is not held back, and messages that come later are.
  const other = await put(await on.makeHook());
  const critical = await put(name, 'critical');
  on.hook.react((response, { body }) => {
    response.writeHead(JSON.parse(body).data.alertId === other ? 200 : 429).end();
  });
  first.wake();
  second.wake();
  await on.outcome(other, ['sent']);
  expect(on.hook.received).toHaveLength(refused + 1);

  on.hook.react(answering(200));
  on.clock.at += 33 * SECOND;
  first.wake();
  second.wake();
  const later = () => {
    // The destination takes one at a time for now, with a little time in between.
    on.clock.at += SECOND / 10;
    return statuses();
  };
  await expect.poll(later, patience).toEqual({ sent: 22 });
  expect(on.hook.received).toHaveLength(refused + 22);
  const alerts = on.hook.received.slice(refused + 1).map(({ body }) => JSON.parse(body).data.alertId);
  expect(alerts.slice(0, 2)).toContain(critical);
});
