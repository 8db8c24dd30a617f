import { expect, test } from 'vitest';
import { updateConfigs } from '../../../src/alerts/configs/store-configs.ts';
import { actOnAlert } from '../../../src/alerts/history/act-on-alert.ts';
import { escalateDue } from '../../../src/alerts/history/escalate-due.ts';
import { savePreference } from '../../../src/notifications/routing/preferences.ts';
import { routeByPreference } from '../../../src/notifications/routing/route-notice.ts';
import { MINUTE, SECOND } from '../../../src/time.ts';
import { elsewhere } from '../../support/alerting/notices.ts';
import { useUsageAlerts } from '../usage-alerts.ts';

const { database, clock, evaluateAll, addConfig, calls, arrive, later, query } = useUsageAlerts();

const caller = {
  actor: { id: 'eve', roles: [], orgs: [], via: 'jwt' as const },
  route: 'test',
  requestId: '1',
};
const platform = '+4915112345678';

function step(afterSeconds: number, ...channels: object[]): object {
  return { afterSeconds, channels };
}

/** Fires an alert of a rule with these steps. */
async function fire(name: string, escalation: object[]): Promise<string> {
  const config = await addConfig({
    ...{ name, escalation, severity: 'critical', groupBy: ['modelId'], filters: { modelId: name } },
    channels: [{ channel: 'webhook', to: 'ops' }],
  });
  later(30 * SECOND);
  await arrive(...calls('error', 9, { modelId: name }));
  await evaluateAll();
  return config.id;
}

async function escalate(): Promise<number> {
  const { told, failed } = await escalateDue(database.pool, routeByPreference, clock.now(), 0);
  expect(failed).toEqual([]);
  return told;
}

/** Whom the steps have told, in order. */
async function toldBySteps(configId: string): Promise<string[]> {
  const rows = await query<{ recipient: string }>(
    `select o.recipient from analytics.notification_outbox o join analytics.alert_history h on h.id = o.alert_id
     where o.notice = 'escalation_step' and h.config_id = '${configId}' order by o.id`,
  );
  return rows.map(({ recipient }) => recipient);
}

async function alertOf(configId: string): Promise<string> {
  const [row] = await query<{ id: string }>(
    `select id from analytics.alert_history where config_id = '${configId}'`,
  );
  return row?.id ?? '';
}

test('after its time each step tells its recipients once, whatever happens to the value', async () => {
  const none = { info: [], warning: [], critical: [] };
  const nothing = { email: null, slack: null, webhook: null, quietHours: null };
  const team = { kind: 'team' as const, id: 'platform', orgId: 'acme', phone: platform, channels: none };
  await savePreference(database.pool, { ...elsewhere, ...nothing, ...team }, 'test', new Date(clock.now()));
  const id = await fire('steps', [
    step(600, { channel: 'sms', team: 'platform' }),
    step(1_200, { channel: 'email', to: 'boss@example.com' }),
  ]);
  later(9 * MINUTE);
  expect(await escalate()).toBe(0);
  later(MINUTE);
  // Two engines at once.
  expect((await Promise.all([escalate(), escalate()])).reduce((sum, one) => sum + one)).toBe(1);
  expect(await toldBySteps(id)).toEqual([platform]);
  // The value cannot be read any more, and the second step is told all the same.
  later(10 * MINUTE);
  expect(await escalate()).toBe(1);
  later(60 * MINUTE);
  expect(await escalate()).toBe(0);
  expect(await toldBySteps(id)).toEqual([platform, 'boss@example.com']);
});

test('an acknowledgement stops the steps, and their time starts anew when it is taken back', async () => {
  const id = await fire('acknowledged', [step(600, { channel: 'sms', to: platform })]);
  const options = { pool: database.pool, clock, route: routeByPreference };
  const alert = await alertOf(id);
  later(MINUTE);
  await actOnAlert(options, alert, 'acknowledge', { scope: 'all', caller });
  later(60 * MINUTE);
  expect(await escalate()).toBe(0);
  await actOnAlert(options, alert, 'unacknowledge', { scope: 'all', caller });
  later(9 * MINUTE);
  expect(await escalate()).toBe(0);
  later(MINUTE);
  expect(await escalate()).toBe(1);
  expect(await toldBySteps(id)).toEqual([platform]);
});

test('a step that a rule gets while its alert is open is told, and a silence delays it', async () => {
  const id = await fire('edited', []);
  later(10 * MINUTE);
  expect(await escalate()).toBe(0);
  const [row] = await query<{ rule: Parameters<typeof updateConfigs>[1][number]['rule'] }>(
    `select rule from analytics.alert_configs where id = '${id}'`,
  );
  if (!row) throw new Error('the rule is gone');
  const rule = {
    ...row.rule,
    escalation: [{ afterSeconds: 300, channels: [{ channel: 'sms' as const, to: platform }] }],
  };
  const change = { route: routeByPreference, scope: 'all', actorId: 'test', now: clock.now() } as const;
  await updateConfigs(database.pool, [{ id, rule, silencedUntil: clock.now() + 5 * SECOND }], change);
  expect(await escalate()).toBe(0);
  later(5 * SECOND);
  expect(await escalate()).toBe(1);
  expect(await toldBySteps(id)).toEqual([platform]);
});
