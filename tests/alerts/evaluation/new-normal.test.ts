import { expect, test } from 'vitest';
import type { Notice } from '../../../src/notifications/notice/notice.ts';
import { statementOf } from '../../../src/notifications/notice/statement.ts';
import { eventOf } from '../../../src/notifications/notice/wording.ts';
import { DAY, HOUR, SECOND } from '../../../src/time.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { useUsageAlerts } from '../usage-alerts.ts';

const { clock, evaluateAll, addConfig, calls, arrive, later, query, transitions } = useUsageAlerts();

test('a permanent change ends its alert with a notice that says so, and fires no more', async () => {
  const began = clock.now();
  await arrive(
    ...Array.from({ length: 6 * 24 }, (_, hour) =>
      Array.from({ length: 4 + (hour % 3) }, () =>
        makeUsage({ occurredAt: new Date(began - hour * HOUR - 60 * SECOND).toISOString() }),
      ),
    ).flat(),
  );
  await addConfig({
    metric: 'usage.count',
    type: 'anomaly',
    threshold: 3.5,
    windowSeconds: 3_600,
    intervalSeconds: 3_600,
    repeatSeconds: 0,
    timezone: 'Europe/Berlin',
    channels: [{ channel: 'email', to: 'a@example.com' }],
  });
  for (let hour = 0; hour < 4.5 * 24; hour++) {
    later(HOUR);
    await arrive(...calls('success', 40 + (hour % 3)));
    later(20 * SECOND);
    await evaluateAll();
    later(-20 * SECOND);
  }
  expect(await transitions()).toMatchObject([
    { transition: 'firing', reason: 'fired' },
    { transition: 'resolved', reason: 'new_normal', notice: 'resolved' },
  ]);
  const notices = await query<{ payload: Notice }>(
    `select payload from analytics.notification_outbox where notice = 'resolved'`,
  );
  const payload = notices[0]?.payload as Notice;
  expect(payload).toMatchObject({ reason: 'new_normal', newNormalSince: expect.any(String) });
  expect(Date.parse(payload.newNormalSince ?? '') - began).toBeLessThan(3 * HOUR);
  expect(eventOf(payload)).toBe('Errors has ended, because its value is the new normal');
  expect(statementOf(payload)).toMatch(
    /^this is the new normal since .*; usage.count is 4\d, and \d was usual before$/,
  );
  const [resolved] = await query<{ lasted: number }>(
    'select extract(epoch from resolved_at - triggered_at)::float8 * 1000 as lasted from analytics.alert_history',
  );
  expect(resolved?.lasted).toBeGreaterThanOrEqual(3.5 * DAY - HOUR);
  expect(resolved?.lasted).toBeLessThan(4 * DAY);
});
