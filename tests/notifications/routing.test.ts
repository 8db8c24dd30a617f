import { describe, expect, test } from 'vitest';
import type { ChannelName } from '../../src/notifications/notice/notice.ts';
import { reportingUnreached } from '../../src/notifications/outbox/unreached.ts';
import { savePreference } from '../../src/notifications/routing/preferences.ts';
import { type NoticeToRoute, routeByPreference } from '../../src/notifications/routing/route-notice.ts';
import { defaultChannels, type Preference } from '../../src/notifications/routing/routing.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { patience, useDeliverers } from '../support/alerting/deliverers.ts';
import { elsewhere } from '../support/alerting/notices.ts';
import { fireAlert, messagesOf, newTransition, ownName } from '../support/alerting/outbox.ts';
import { useDatabase } from '../support/database/database.ts';

const database = useDatabase();
const on = useDeliverers(database);

test.each<NoticeToRoute['channels'][]>([
  [[]],
  [[{ channel: 'email', to: 'ops@acme.example' }]],
  [[{ channel: 'in_app', to: 'ada' }, { channel: 'sms' }]],
])('everyone gets one in-app notice from a rule with the channels %j', async (channels) => {
  const orgId = ownName();
  for (const kind of ['firing', 'resolved'] as const) {
    const alertId = await fireAlert(database.pool);
    const notice: NoticeToRoute = { alertId, kind, orgId, severity: 'warning', channels };
    const inside = (await routeByPreference(database.pool, notice)).filter(
      ({ channel }) => channel === 'in_app',
    );
    expect(inside).toEqual([{ channel: 'in_app', recipient: '*' }]);
  }
});

test('a critical notice that stays in-app is counted and logged', async () => {
  const [metrics, lines] = [createMetrics(), [] as string[]];
  const log = createLog({ level: 'warn', destination: { write: (line) => lines.push(line) } });
  const route = reportingUnreached({ log, metrics }, routeByPreference);
  const inside: NoticeToRoute['channels'] = [{ channel: 'in_app' }];
  const about = { alertId: await fireAlert(database.pool), orgId: ownName(), channels: inside };
  await route(database.pool, { ...about, severity: 'critical', kind: 'firing' });
  await route(database.pool, { ...about, severity: 'critical', kind: 'resolved' });
  await route(database.pool, { ...about, severity: 'warning', kind: 'firing' });
  await route(database.pool, {
    ...about,
    severity: 'critical',
    kind: 'firing',
    channels: [{ channel: 'sms' }],
  });
  expect((await metrics.unreachedNotices.get()).values).toMatchObject([{ value: 1 }]);
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ alert: about.alertId, org: about.orgId }]);
});

describe('a message to the default recipient', () => {
  const prefer = (given: Partial<Preference> & { orgId: string }) =>
    savePreference(
      database.pool,
      {
        kind: 'user',
        id: ownName(),
        email: null,
        phone: null,
        slack: null,
        webhook: null,
        ...elsewhere,
        channels: defaultChannels,
        quietHours: null,
        ...given,
      },
      'test',
      on.now(),
    );
  const notice = (org: string, severity: 'warning' | 'critical' = 'critical') => ({ orgId: org, severity });

  test('goes to people of the org by severity, and to each address once', async () => {
    const org = ownName();
    const quiet: Preference['channels'] = { info: [], warning: ['slack'], critical: ['slack'] };
    await prefer({ orgId: org, phone: '+4915110000001' });
    await prefer({ orgId: org, phone: '+4915110000002' });
    await prefer({ orgId: org, phone: '+4915110000002', kind: 'team' });
    await prefer({ orgId: org, phone: '+4915110000003', channels: quiet });
    await prefer({ orgId: 'other', phone: '+4915110000004' });
    const alertId = await fireAlert(database.pool);
    await on.put(alertId, { recipient: 'default', notice: notice(org) });
    await on.start();
    const [, ...told] = await on.outcome(alertId, ['expanded', 'sent', 'sent']);
    expect(told.map(({ recipient }) => recipient).sort()).toEqual(['+4915110000001', '+4915110000002']);
  });

  test('waits for the end of quiet hours, unless it is critical', async () => {
    const org = ownName();
    on.clock.at = Date.parse('2026-11-20T22:30:00Z');
    await prefer({
      orgId: org,
      slack: 'analytics',
      quietHours: { from: '22:00', to: '07:00', timezone: 'Europe/Berlin' },
    });
    const alertId = await fireAlert(database.pool);
    await on.put(alertId, { channel: 'slack', recipient: 'default', notice: notice(org, 'warning') });
    await on.put(alertId, { channel: 'slack', recipient: 'default', notice: notice(org, 'critical') });
    await on.start();
    await expect.poll(() => on.slack.received.length, patience).toBe(1);
    const messages = await messagesOf(database.pool, alertId);
    expect(messages.find(({ status }) => status === 'waiting')?.not_before.toISOString()).toBe(
      '2026-11-21T06:00:00.000Z',
    );
  });

  test('goes out although a preference of another org has a zone that nothing can calculate with', async () => {
    const [org, other] = [ownName(), ownName()];
    const quietHours = { from: '00:00', to: '23:59', timezone: 'IST' };
    await prefer({ orgId: other, slack: 'analytics', quietHours });
    await prefer({ orgId: org, slack: 'analytics' });
    const alertIds = [await fireAlert(database.pool), await fireAlert(database.pool)];
    for (const [index, orgId] of [other, org].entries())
      await on.put(alertIds[index] ?? '', {
        channel: 'slack',
        recipient: 'default',
        notice: notice(orgId, 'warning'),
      });
    await on.start();
    for (const alertId of alertIds) await on.outcome(alertId, ['expanded', 'sent']);
  });

  test('that cannot be stored is retried later, and those of other orgs go out', async () => {
    const [org, other] = [ownName(), ownName()];
    await prefer({ orgId: other, phone: '+4915110000666' });
    await prefer({ orgId: org, phone: '+4915110000007' });
    await database.pool.query(
      `alter table analytics.notification_outbox add constraint no_666 check (recipient <> '+4915110000666')`,
    );
    const [failing, sent] = [await fireAlert(database.pool), await fireAlert(database.pool)];
    await on.put(failing, { recipient: 'default', notice: notice(other) });
    await on.put(sent, { recipient: 'default', notice: notice(org) });
    const { lines, metrics } = await on.start();
    await on.outcome(sent, ['expanded', 'sent']);
    const [message] = await on.outcome(failing, ['waiting']);
    expect(message?.failure).toMatch(/no_666/);
    expect(message?.not_before.getTime()).toBeGreaterThan(on.clock.at);
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual([
      'the recipients of a notice could not be found',
    ]);
    expect((await metrics.notifications.get()).values).toContainEqual(
      expect.objectContaining({ labels: { channel: 'sms', outcome: 'waiting' }, value: 1 }),
    );
    await database.pool.query('alter table analytics.notification_outbox drop constraint no_666');
    on.clock.at += 2_000;
    await on.outcome(failing, ['expanded', 'sent']);
  });

  test('of the end also goes to everyone who was told, even if the preferences have changed', async () => {
    const org = ownName();
    const alertId = await fireAlert(database.pool);
    await on.put(alertId, { recipient: '+4915110000005', notice: notice(org) });
    const deliverer = await on.start();
    await on.outcome(alertId, ['sent']);
    await prefer({ orgId: org, phone: '+4915110000006' });
    await on.put(alertId, { recipient: 'default', notice: { ...notice(org), kind: 'resolved' } });
    deliverer.wake();
    const [, , ...over] = await on.outcome(alertId, ['sent', 'expanded', 'cancelled', 'sent']);
    expect(over.map(({ recipient, failure }) => [recipient, failure])).toEqual([
      ['+4915110000006', 'the recipient was never told that the alert fired'],
      ['+4915110000005', null],
    ]);
  });

  /** Sends a notice to the default recipient of each channel, and returns everyone who was told. */
  const toldOf = async (org: string, severity: 'warning' | 'critical', channels: ChannelName[]) => {
    const alertId = await fireAlert(database.pool);
    const transitionId = newTransition();
    for (const channel of channels) {
      await on.put(alertId, { channel, recipient: 'default', notice: notice(org, severity), transitionId });
    }
    await on.start(defaults);
    const settled = /expanded|sent|cancelled/;
    const all = () => messagesOf(database.pool, alertId);
    await expect
      .poll(async () => (await all()).every(({ status }) => settled.test(status)), patience)
      .toBe(true);
    const sent = (await all()).filter(({ status }) => status === 'sent');
    return sent.map(({ channel, recipient }) => `${channel} ${recipient}`).sort();
  };
  const defaults = { ALERT_SMS_TO: '+4915110000009' };

  test('goes to the default recipients too where no preference covers the severity', async () => {
    const org = ownName();
    await prefer({
      orgId: org,
      slack: 'analytics',
      channels: { info: [], warning: ['slack'], critical: [] },
    });
    expect(await toldOf(org, 'warning', ['slack', 'sms'])).toEqual(['slack analytics']);
    const alert = { alertId: await fireAlert(database.pool), orgId: org, kind: 'firing' as const };
    const route = await routeByPreference(database.pool, { ...alert, severity: 'critical', channels: [] });
    expect(route.map(({ channel }) => channel)).toEqual(['in_app', ...defaultChannels.critical]);
    expect(await toldOf(org, 'critical', ['slack', 'sms'])).toEqual([
      'slack analytics',
      'sms +4915110000009',
    ]);
  });

  test('goes to the default recipients where no preference has an address for the channels of the rule', async () => {
    const org = ownName();
    await prefer({ orgId: org, slack: 'analytics' });
    expect(await toldOf(org, 'critical', ['sms'])).toEqual(['sms +4915110000009']);
  });

  test('without any recipient is cancelled, and logged once if it is critical', async () => {
    const alertId = await fireAlert(database.pool);
    const about = { recipient: 'default', notice: notice(ownName()), transitionId: newTransition() };
    await on.put(alertId, { ...about, channel: 'sms' });
    await on.put(alertId, { ...about, channel: 'email' });
    await on.put(alertId, {
      ...about,
      notice: { ...about.notice, kind: 'resolved' },
      transitionId: newTransition(),
    });
    const { lines, metrics } = await on.start();
    const [message] = await on.outcome(alertId, ['cancelled', 'cancelled', 'cancelled']);
    expect(message?.failure).toBe('no preference and no default recipient wants it on sms');
    const said = lines.map((line) => JSON.parse(line)).filter(({ msg }) => /no recipient outside/.test(msg));
    expect(said).toMatchObject([{ level: 'warn', alert: alertId }]);
    expect((await metrics.unreachedNotices.get()).values).toMatchObject([{ value: 1 }]);
  });
});
