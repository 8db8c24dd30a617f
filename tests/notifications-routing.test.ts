import { describe, expect, test } from 'vitest';
import { savePreference } from '../src/notifications/preferences.ts';
import { type NoticeToRoute, routeByPreference } from '../src/notifications/route-notice.ts';
import { defaultChannels, type Preference } from '../src/notifications/routing.ts';
import { useDatabase } from './support/database.ts';
import { patience, useDeliverers } from './support/deliverers.ts';
import { fireAlert, messagesOf, ownName } from './support/outbox.ts';

const database = useDatabase();
const on = useDeliverers(database);

test.each<NoticeToRoute['channels'][]>([
  [[]],
  [[{ channel: 'email', to: 'ops@acme.example' }]],
  [[{ channel: 'in_app', to: 'ada' }, { channel: 'sms' }]],
])('inside the product everybody is told, once, by a rule with the channels %j', async (channels) => {
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

describe('a message to whoever is meant', () => {
  const prefer = (given: Partial<Preference> & { orgs: string[] }) =>
    savePreference(
      database.pool,
      {
        kind: 'user',
        id: ownName(),
        email: null,
        phone: null,
        slack: null,
        webhook: null,
        channels: defaultChannels,
        quietHours: null,
        ...given,
      },
      'test',
      on.now(),
    );
  const notice = (org: string, severity: 'warning' | 'critical' = 'critical') => ({ orgId: org, severity });

  test('goes to those of the org, by how bad it is, and to each once', async () => {
    const org = ownName();
    const quiet: Preference['channels'] = { info: [], warning: ['slack'], critical: ['slack'] };
    await prefer({ orgs: [org], phone: '+4915110000001' });
    await prefer({ orgs: [org, 'other'], phone: '+4915110000002' });
    await prefer({ orgs: [org], phone: '+4915110000002', kind: 'team' });
    await prefer({ orgs: [org], phone: '+4915110000003', channels: quiet });
    await prefer({ orgs: ['other'], phone: '+4915110000004' });
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
      orgs: [org],
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

  test('that it is over goes to who was told, too, though somebody else is meant by now', async () => {
    const org = ownName();
    const alertId = await fireAlert(database.pool);
    await on.put(alertId, { recipient: '+4915110000005', notice: notice(org) });
    const deliverer = await on.start();
    await on.outcome(alertId, ['sent']);
    await prefer({ orgs: [org], phone: '+4915110000006' });
    await on.put(alertId, { recipient: 'default', notice: { ...notice(org), kind: 'resolved' } });
    deliverer.wake();
    const [, , ...over] = await on.outcome(alertId, ['sent', 'expanded', 'cancelled', 'sent']);
    expect(over.map(({ recipient, failure }) => [recipient, failure])).toEqual([
      ['+4915110000006', 'it was never told that the alert fired'],
      ['+4915110000005', null],
    ]);
  });

  test('goes to nobody where nobody is, and says so', async () => {
    const alertId = await fireAlert(database.pool);
    await on.put(alertId, { recipient: 'default', notice: notice(ownName()) });
    await on.start();
    const [message] = await on.outcome(alertId, ['cancelled']);
    expect(message?.failure).toBe('nobody is to be told by sms');
  });
});
