/** A rule that a person changes while its alert fires. */
import { expect, test } from 'vitest';
import { type AlertConfig, ruleOfConfig } from '../../../src/alerts/configs/alert-configs.ts';
import { ConfigChanges } from '../../../src/alerts/configs/change-configs.ts';
import type { Rule } from '../../../src/alerts/rules/rule.ts';
import type { Notice } from '../../../src/notifications/notice/notice.ts';
import { statementOf } from '../../../src/notifications/notice/statement.ts';
import { routeByPreference } from '../../../src/notifications/routing/route-notice.ts';
import { MINUTE, SECOND } from '../../../src/time.ts';
import { useUsageAlerts } from '../usage-alerts.ts';

const { database, clock, evaluateAll, addConfig, calls, arrive, later, query, transitions } =
  useUsageAlerts();

/** A rule of which 15 errors fire an alert: above 10 in a minute. */
async function fire(): Promise<AlertConfig> {
  const config = await addConfig({
    ...{ name: 'Failing', metric: 'usage.errors', threshold: 10 },
    channels: [{ channel: 'email', to: 'a@example.com' }],
  });
  later(10 * SECOND);
  await arrive(...calls('error', 15));
  await evaluateAll();
  expect(await transitions()).toMatchObject([{ transition: 'firing' }]);
  return config;
}

async function change(config: AlertConfig, changes: Partial<Rule>): Promise<void> {
  const { pool } = database;
  const configs = new ConfigChanges({
    ...{ pool, clock, route: routeByPreference, slackNames: () => [], limits: undefined },
  });
  const rule = { ...ruleOfConfig(config), ...changes };
  const actor = { id: 'ada@acme.example', roles: ['engineer' as const], orgs: ['acme'], via: 'jwt' as const };
  later(SECOND);
  await configs.update(['acme'], { id: config.id, rule }, { actor, route: 'test', requestId: 'r-1' });
}

async function noticeOfEnd(): Promise<Notice> {
  const [message] = await query<{ payload: Notice }>(
    `select payload from analytics.notification_outbox where notice = 'resolved'`,
  );
  return message?.payload as Notice;
}

test('an alert that ends by a higher threshold names the change and its author', async () => {
  const config = await fire();
  await change(config, { threshold: 20 });
  later(5 * SECOND);
  await evaluateAll();
  expect((await transitions()).at(-1)).toMatchObject({ transition: 'resolved', reason: 'rule_edited' });
  const notice = await noticeOfEnd();
  expect(notice).toMatchObject({
    actorId: 'ada@acme.example',
    edit: { field: 'threshold', from: 10, to: 20 },
  });
  expect(statementOf(notice)).toBe(
    'ended because ada@acme.example raised the threshold from 10 to 20; usage.errors is 15',
  );
});

test('an alert whose value is right by the old rule too has recovered', async () => {
  const config = await fire();
  await change(config, { name: 'Another name', threshold: 9 });
  later(3 * MINUTE);
  await arrive(...calls('success', 1));
  await evaluateAll();
  expect((await transitions()).at(-1)).toMatchObject({ transition: 'resolved', reason: 'recovered' });
  expect(await noticeOfEnd()).toMatchObject({ name: 'Another name', actorId: null });
});
