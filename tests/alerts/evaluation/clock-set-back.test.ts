import { expect, test } from 'vitest';
import { takeBackDueTimes } from '../../../src/alerts/evaluation/take-back-due.ts';
import { earliestDue, evaluationLag } from '../../../src/alerts/observing/evaluation-lag.ts';
import { takeBackMessages } from '../../../src/notifications/outbox/outbox.ts';
import { HOUR, MINUTE, SECOND } from '../../../src/time.ts';
import { alertsOn } from '../../support/alerting/alerts.ts';
import { useDatabase } from '../../support/database/database.ts';
import { silentLog } from '../../support/events/ingestion.ts';

const database = useDatabase();
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE;
const clock = { at: NOW, now: () => clock.at };
const { addConfig, evaluateAll } = alertsOn(database, clock);

test('rules that were evaluated by a clock an hour ahead are due again once it is set back, and the lag tells', async () => {
  clock.at = NOW + HOUR;
  await addConfig({ intervalSeconds: 60, onData: true });
  await addConfig({ name: 'of the service', metric: 'service.evaluation_lag_seconds', threshold: 120 }, null);
  expect(await evaluateAll()).toBe(2);
  expect(await takeBackDueTimes(database.pool, silentLog, clock.at)).toBe(0);
  clock.at = NOW;
  expect(await evaluateAll()).toBe(0);
  const due = await earliestDue(database.pool, { builtIn: true, now: NOW });
  expect(evaluationLag(due, NOW)).toBeGreaterThan(HOUR / SECOND - 120);
  expect(await takeBackDueTimes(database.pool, silentLog, clock.at)).toBe(2);
  expect(await evaluateAll()).toBe(2);
  const { rows } = await database.pool.query<{ next: Date; last: Date }>(
    'select next_evaluation_at as next, last_evaluated_at as last from analytics.alert_configs',
  );
  for (const { next, last } of rows) {
    expect(last.getTime()).toBe(NOW);
    expect(next.getTime()).toBeLessThanOrEqual(NOW + MINUTE);
  }
});

test('a rule that is due at its next interval, or that rests after failures, stays due then', async () => {
  await database.pool.query(
    `update analytics.alert_configs set next_evaluation_at = $1, interval_seconds = 86400, failures = 0`,
    [new Date(NOW + 24 * HOUR)],
  );
  expect(await takeBackDueTimes(database.pool, silentLog, NOW)).toBe(0);
  await database.pool.query(
    `update analytics.alert_configs set next_evaluation_at = $1, interval_seconds = 60, failures = 9`,
    [new Date(NOW + 10 * MINUTE)],
  );
  expect(await takeBackDueTimes(database.pool, silentLog, NOW)).toBe(0);
});

/** A message whose moments are minutes from now. @returns when it is due after times are taken back; minutes from now */
async function dueAfterwards(detected: number, notBefore: number, attempts: number): Promise<number> {
  const at = (minutes: number) => new Date(NOW + minutes * MINUTE);
  const { rows } = await database.pool.query<{ id: string }>(
    `insert into analytics.notification_outbox
       (notice, channel, recipient, severity, payload, detected_at, created_at, not_before, attempts)
     values ('test', 'webhook', 'ops', 'info', '{}', $1, $1, $2, $3) returning id`,
    [at(detected), at(notBefore), attempts],
  );
  await takeBackMessages(database.pool, NOW);
  const { rows: after } = await database.pool.query<{ due: Date }>(
    'select not_before as due from analytics.notification_outbox where id = $1',
    [rows[0]?.id],
  );
  return ((after[0]?.due.getTime() ?? Number.NaN) - NOW) / MINUTE;
}

test.each([
  ['detected by a clock an hour ahead is due at once', 60, 60, 0, 0],
  ['detected by a clock an hour ahead in quiet hours is held until their end', 60, 400, 0, 400],
  ['whose retry a clock two hours ahead has set is due at once', -5, 121, 3, 0],
  ['that waits for its retry goes on waiting', -5, 5, 3, 5],
  ['that a provider put off for an hour goes on waiting', -5, 60, 3, 60],
  ['held for a night goes on waiting', 0, 600, 0, 600],
  ['that is due stays due', -5, -5, 0, -5],
])('a message %s', async (_, detected, notBefore, attempts, due) => {
  expect(await dueAfterwards(detected, notBefore, attempts)).toBe(due);
});
