import { readFile } from 'node:fs/promises';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { evaluateDue } from '../../src/alerts/evaluation/evaluate-due.ts';
import type { Evaluator } from '../../src/alerts/evaluation/evaluator.ts';
import { readAlert } from '../../src/alerts/history/alert-history.ts';
import { explainAlert } from '../../src/alerts/history/explain-alert.ts';
import { ingestTransitions } from '../../src/alerts/history/ingest-transitions.ts';
import { createPrometheusSource } from '../../src/alerts/observing/prometheus.ts';
import { createEndpoint } from '../../src/notifications/channels/webhook/webhook-endpoints.ts';
import { listDeliveries } from '../../src/notifications/outbox/deliveries.ts';
import { countUnread, type InAppReader, listInApp, markRead } from '../../src/notifications/outbox/in-app.ts';
import { savePreference } from '../../src/notifications/routing/preferences.ts';
import { rollUp } from '../../src/rollups/fold/roll-up.ts';
import { prometheusApi } from '../../src/telemetry/prometheus/api.ts';
import { SECOND } from '../../src/time.ts';
import { alertsOn } from '../support/alerting/alerts.ts';
import { patience, useDeliverers } from '../support/alerting/deliverers.ts';
import { elsewhere } from '../support/alerting/notices.ts';
import { ownName } from '../support/alerting/outbox.ts';
import { useDatabase } from '../support/database/database.ts';
import { makeUsage } from '../support/events/fixtures.ts';
import { useIngestion } from '../support/events/ingestion.ts';
import { answering, startReceiver } from '../support/servers/http-receiver.ts';

const database = useDatabase();
const on = useDeliverers(database);
const ingestion = useIngestion(database, on.clock);
const { evaluator, evaluateAll, addConfig } = alertsOn(database, on.clock);

/** Preferences of root for all orgs, and of Bob for the org `third`. */
const ROOT = '+4915110000001';
const BOB = '+4915110000002';
beforeAll(async () => {
  const channels = { info: [], warning: [], critical: ['sms' as const] };
  const alike = {
    kind: 'user' as const,
    email: null,
    slack: null,
    webhook: null,
    ...elsewhere,
    quietHours: null,
    channels,
  };
  await savePreference(database.pool, { ...alike, id: 'root', orgId: '*', phone: ROOT }, 'test', on.now());
  await savePreference(database.pool, { ...alike, id: 'bob', orgId: 'third', phone: BOB }, 'test', on.now());
});

const eachOrg = { metric: 'usage.count', threshold: 0, groupBy: ['org'], severity: 'critical' };

/** Fires a rule over all orgs for `third`, and returns the alert. */
async function fireOver(rule: object, by: Evaluator = evaluator()): Promise<string> {
  const { id } = await addConfig({ name: ownName(), ...rule }, null);
  const occurredAt = new Date(on.clock.at - 5 * SECOND).toISOString();
  await ingestion.store(makeUsage({ orgId: 'third', occurredAt }));
  while ((await rollUp(database.pool)) > 0);
  await evaluateAll(by);
  await evaluateDue(by, 'prometheus');
  const { rows } = await database.pool.query<{ id: string; org_id: string }>(
    'select id, org_id from analytics.alert_history where config_id = $1',
    [id],
  );
  expect(rows).toMatchObject([{ org_id: 'third' }]);
  return rows[0]?.id ?? '';
}

function sentBySms() {
  return on.sms.received.map(({ body }) => new URLSearchParams(body).get('To'));
}

test('an alert on one org by a rule over all orgs goes to recipients of all orgs', async () => {
  const alertId = await fireOver(eachOrg);
  await on.start();
  await expect.poll(sentBySms, patience).toEqual([ROOT]);
  const text = new URLSearchParams(on.sms.received[0]?.body).get('Body');
  expect(text, 'the message still names the org').toContain('org third');

  const explainedTo = async (who: string) =>
    (await explainAlert(database.pool, await readAlert(database.pool, alertId, 'all'), who)).person;
  await expect.poll(() => explainedTo('root'), patience).toMatchObject({ told: true });
  const bob = await explainedTo('bob');
  expect(bob).toMatchObject({ told: false });
  expect(bob?.because.at(-1)).toContain('bob has no preferences');
});

test('the name of a webhook means that of all orgs, even if an org has one of the same name', async () => {
  const name = ownName();
  for (const orgId of ['*', 'third']) {
    const url = `${on.hook.url}/${orgId === '*' ? 'all' : orgId}`;
    await createEndpoint(database.pool, { orgId, name, url }, 'test', on.now());
  }
  const alertId = await fireOver({ ...eachOrg, channels: [{ channel: 'webhook', to: name }] });
  await on.start();
  await on.outcome(alertId, ['sent']);
  expect(on.hook.received.map(({ path }) => path)).toEqual(['/all']);
  expect(JSON.parse(on.hook.received[0]?.body ?? '').data).toMatchObject({ orgId: 'third' });
});

test('a Prometheus series with an org label is about that org, and goes to recipients of all orgs', async () => {
  const result = [{ metric: { org: 'third' }, value: [on.clock.at / SECOND, '7'] }];
  const answer = JSON.stringify({ status: 'success', data: { resultType: 'vector', result } });
  const prometheus = await startReceiver();
  onTestFinished(() => prometheus.close());
  prometheus.react(answering(200, {}, answer));
  const by = { ...evaluator(), prometheus: createPrometheusSource(prometheusApi(prometheus.url)) };
  await fireOver({ metric: 'prometheus', expression: 'depth', threshold: 5, severity: 'critical' }, by);
  await on.start();
  await expect.poll(sentBySms, patience).toEqual([ROOT]);
});

test('an upgrade moves notices of such alerts from the org to all orgs', async () => {
  const alertId = await fireOver(eachOrg);
  const path = new URL('../../src/database/migrations/0014_scope_of_notices.sql', import.meta.url);
  const [up = '', down = ''] = (await readFile(path, 'utf8')).split('-- Down Migration');
  const orgs = async () => {
    const { rows } = await database.pool.query(
      `select org_id from analytics.notification_outbox where alert_id = $1
       union all select org_id from analytics.in_app_notifications where alert_id = $1`,
      [alertId],
    );
    return rows.map(({ org_id }) => org_id);
  };
  await database.pool.query(down);
  expect(await orgs()).toEqual(['third', 'third']);
  await database.pool.query(up);
  expect(await orgs()).toEqual([null, null]);
});

test('people of the org do not see the alert in their notices, deliveries or events', async () => {
  const alertId = await fireOver(eachOrg);
  const ofThird: InAppReader = { userId: 'bob', orgs: ['third'] };
  const page = { limit: 100, unread: false };
  expect(await listInApp(database.pool, ofThird, page)).toEqual([]);
  expect(await countUnread(database.pool, ofThird)).toBe(0);
  expect(await markRead(database.pool, ofThird, 'all', on.now())).toBe(0);
  const [newest] = await listInApp(database.pool, { userId: 'root', orgs: 'all' }, page);
  expect(newest).toMatchObject({ notice: { alertId, orgId: 'third' } });

  const wanted = { alertId, limit: 10 };
  expect(await listDeliveries(database.pool, { ...wanted, orgs: ['third'] })).toEqual([]);
  expect(await listDeliveries(database.pool, { ...wanted, orgs: 'all' })).toMatchObject([{ orgId: null }]);

  while ((await ingestTransitions(database.pool, ingestion.ingest, 'tidemark')) > 0);
  const { rows } = await database.pool.query(
    `select distinct org_id from analytics.events where type = 'alert'`,
  );
  expect(rows).toEqual([{ org_id: 'tidemark' }]);
});
