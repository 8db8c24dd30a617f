import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { Act } from '../../src/alerts/decision/workflow.ts';
import { actOnAlert } from '../../src/alerts/history/act-on-alert.ts';
import { savePreference } from '../../src/notifications/routing/preferences.ts';
import { routeByPreference } from '../../src/notifications/routing/route-notice.ts';
import { rollUp } from '../../src/rollups/fold/roll-up.ts';
import { HOUR, MINUTE, SECOND } from '../../src/time.ts';
import { alertsOn } from '../support/alerting/alerts.ts';
import { patience, useDeliverers } from '../support/alerting/deliverers.ts';
import { elsewhere } from '../support/alerting/notices.ts';
import { messagesOf, ownName } from '../support/alerting/outbox.ts';
import { useDatabase } from '../support/database/database.ts';
import { makeUsage } from '../support/events/fixtures.ts';
import { useIngestion } from '../support/events/ingestion.ts';
import { answering } from '../support/servers/http-receiver.ts';

const database = useDatabase();
const on = useDeliverers(database);
const { store } = useIngestion(database, on.clock);
const { evaluateAll, addConfig } = alertsOn(database, on.clock);

let org = '';
beforeEach(async () => {
  org = ownName();
  await database.pool.query('update analytics.alert_configs set enabled = false');
});

/**
 * Makes a rule of the test's org fire, for the given Slack destination or the default one, and returns the
 * alert.
 */
async function fire(to?: string): Promise<string> {
  const channels = [{ channel: 'slack', ...(to !== undefined && { to }) }];
  await addConfig({ metric: 'usage.count', threshold: 0, windowSeconds: 3_600, channels }, org);
  await store(makeUsage({ orgId: org, occurredAt: new Date(on.clock.at - 5 * SECOND).toISOString() }));
  while ((await rollUp(database.pool)) > 0);
  await evaluateAll();
  const { rows } = await database.pool.query<{ id: string }>(
    'select id from analytics.alert_history where org_id = $1',
    [org],
  );
  return rows[0]?.id ?? '';
}

function act(alertId: string, name: Act) {
  return actOnAlert({ pool: database.pool, clock: on.clock, route: routeByPreference }, alertId, name, {
    scope: 'all',
    caller: {
      actor: { id: 'ada', roles: ['admin'], orgs: [], via: 'jwt' },
      route: 'test',
      requestId: 'test',
    },
  });
}

function sentMessages() {
  return on.slack.received.map(({ body }) => JSON.parse(body).text as string);
}

test('a message that an acknowledgement cancelled is sent once that is taken back', async () => {
  on.slack.react(answering(503));
  const alertId = await fire('analytics');
  const deliverer = await on.start();
  await expect.poll(sentMessages, patience).toHaveLength(1);
  await act(alertId, 'acknowledge');
  on.clock.at += MINUTE;
  deliverer.wake();
  // Slack may have told people before it answered, so they are told of the acknowledgement.
  const [cancelled] = await on.outcome(alertId, ['cancelled', 'waiting']);
  expect(cancelled?.failure).toBe('ada acknowledged the alert before the message was sent');

  on.slack.react(answering(200, {}, 'ok'));
  on.clock.at += MINUTE;
  await act(alertId, 'unacknowledge');
  deliverer.wake();
  await on.outcome(alertId, ['cancelled', 'cancelled', 'sent']);
  expect(sentMessages().at(-1)).toMatch(/is open again, because ada took the acknowledgement back/);
  const before = sentMessages().length;
  // The people who were told learn of each act, and the message that was sent is not sent again.
  const acts = ['acknowledge', 'unacknowledge', 'resolve'] as const;
  for (const [index, name] of acts.entries()) {
    await act(alertId, name);
    deliverer.wake();
    await on.outcome(alertId, [
      'cancelled',
      'cancelled',
      'sent',
      ...acts.slice(0, index + 1).map(() => 'sent'),
    ]);
  }
  const said = sentMessages().slice(before);
  expect(said).toMatchObject(
    [/was acknowledged by ada/, /is open again/, /was resolved by ada/].map((one) =>
      expect.stringMatching(one),
    ),
  );
});

test('only the latest of several cancelled messages is sent', async () => {
  const alertId = await fire('analytics');
  await act(alertId, 'acknowledge');
  const deliverer = await on.start();
  await on.outcome(alertId, ['cancelled']);
  await database.pool.query(
    `update analytics.alert_configs set severity = 'critical', rule = rule || '{"severity": "critical"}'
     where org_id = $1`,
    [org],
  );
  on.clock.at += MINUTE;
  await evaluateAll();
  await act(alertId, 'acknowledge');
  deliverer.wake();
  await on.outcome(alertId, ['cancelled', 'cancelled']);
  await act(alertId, 'unacknowledge');
  deliverer.wake();
  await on.outcome(alertId, ['cancelled', 'sent']);
  expect(sentMessages()).toHaveLength(1);
});

test('it waits for the end of quiet hours that have begun meanwhile', async () => {
  on.clock.at = Date.parse('2026-11-20T20:00:00Z');
  const quietHours = { from: '22:00', to: '07:00', timezone: 'Europe/Berlin' };
  const channels = { info: [], warning: ['slack' as const], critical: ['slack' as const] };
  const ada = { kind: 'user' as const, id: ownName(), orgId: org, slack: 'analytics', quietHours, channels };
  const nothing = { email: null, phone: null, webhook: null, ...elsewhere };
  await savePreference(database.pool, { ...ada, ...nothing }, 'test', on.now());
  const alertId = await fire();
  await act(alertId, 'acknowledge');
  await on.start();
  await on.outcome(alertId, ['expanded', 'cancelled']);
  on.clock.at += 3 * HOUR;
  await act(alertId, 'unacknowledge');
  const [, waiting] = await messagesOf(database.pool, alertId);
  expect(waiting).toMatchObject({ status: 'waiting', not_before: new Date('2026-11-21T06:00:00Z') });
});

test('a message that is cancelled while its acknowledgement is taken back is sent', async () => {
  const alertId = await fire('analytics');
  await act(alertId, 'acknowledge');
  // The same update as taking back makes, not yet committed.
  const takingBack = await database.pool.connect();
  onTestFinished(() => takingBack.release(true));
  await takingBack.query('begin');
  await takingBack.query(`update analytics.alert_history set workflow = 'open' where id = $1`, [alertId]);
  await on.start();
  const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  await expect.poll(async () => (await database.pool.query(waiting)).rowCount, patience).toBe(1);
  await takingBack.query('commit');
  await on.outcome(alertId, ['sent']);
});
