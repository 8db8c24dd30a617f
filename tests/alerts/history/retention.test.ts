import { expect, test } from 'vitest';
import { alertRemovals } from '../../../src/alerts/history/retention.ts';
import { removeByTime } from '../../../src/rollups/upkeep/remove-by-time.ts';
import { DAY } from '../../../src/time.ts';
import { fireAlert } from '../../support/alerting/outbox.ts';
import { useDatabase } from '../../support/database/database.ts';

const database = useDatabase();
const now = Date.UTC(2026, 10, 18, 12);

function daysAgo(days: number) {
  return new Date(now - days * DAY);
}

/** An alert that fired and ended so many days ago, with one SMS message and one in-app notice. */
async function alertOf(fired: number, over: number | null, status = 'sent'): Promise<string> {
  const { pool } = database;
  const id = await fireAlert(pool);
  await pool.query(
    `update analytics.alert_history set triggered_at = $2, resolved_at = $3,
       workflow = case when $3::timestamptz is null then 'open' else 'resolved' end where id = $1`,
    [id, daysAgo(fired), over === null ? null : daysAgo(over)],
  );
  await pool.query(
    `insert into analytics.alert_transitions (alert_id, config_id, at, transition, reason)
     select id, config_id, triggered_at, 'firing', 'fired' from analytics.alert_history where id = $1`,
    [id],
  );
  await pool.query(
    `insert into analytics.notification_outbox
       (alert_id, notice, channel, recipient, severity, payload, status, detected_at, created_at, not_before)
     values ($1, 'firing', 'sms', '+4915112345678', 'critical', '{}', $2, $3, $3, $3)`,
    [id, status, daysAgo(fired)],
  );
  await pool.query(
    `insert into analytics.in_app_notifications (alert_id, notice, recipient, severity, payload, created_at)
     values ($1, 'firing', '*', 'critical', '{}', $2)`,
    [id, daysAgo(fired)],
  );
  return id;
}

async function retain(): Promise<void> {
  for (const removal of alertRemovals(now)) await removeByTime(database.pool, removal);
}

async function left(table: string, id: string): Promise<number> {
  const column = table === 'alert_history' ? 'id' : 'alert_id';
  return (
    (await database.pool.query(`select 1 from analytics.${table} where ${column} = $1`, [id])).rowCount ?? 0
  );
}

async function messages(id: string) {
  return [await left('notification_outbox', id), await left('in_app_notifications', id)];
}

async function history(id: string) {
  return [await left('alert_history', id), await left('alert_transitions', id)];
}

test('notices of an alert are removed 430 days after its end, and then the alert', async () => {
  const [recent, past, longPast] = [
    await alertOf(431, 429),
    await alertOf(440, 431),
    await alertOf(900, 438),
  ];
  await retain();
  expect([await messages(recent), await history(recent)]).toEqual([
    [1, 1],
    [1, 1],
  ]);
  expect([await messages(past), await history(past)]).toEqual([
    [0, 0],
    [1, 1],
  ]);
  expect([await messages(longPast), await history(longPast)]).toEqual([
    [0, 0],
    [0, 0],
  ]);
});

test('open alerts and messages that are still to be sent are kept', async () => {
  const open = await alertOf(900, null);
  const unsent = await alertOf(435, 434, 'waiting');
  await retain();
  expect([await messages(open), await history(open)]).toEqual([
    [1, 1],
    [1, 1],
  ]);
  expect(await left('notification_outbox', unsent)).toBe(1);
});

test('test messages of a channel are removed as well', async () => {
  const { pool } = database;
  const trial = (days: number) =>
    pool.query(
      `insert into analytics.notification_outbox
         (notice, channel, recipient, severity, payload, status, detected_at, created_at, not_before)
       values ('test', 'sms', $1, 'info', '{}', 'dead', $2, $2, $2)`,
      [`trial of ${days}`, daysAgo(days)],
    );
  await trial(429);
  await trial(431);
  await retain();
  const { rows } = await pool.query(
    `select recipient from analytics.notification_outbox where notice = 'test'`,
  );
  expect(rows).toEqual([{ recipient: 'trial of 429' }]);
});
