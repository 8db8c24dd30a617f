import { beforeEach, expect, test } from 'vitest';
import { actOnAlert } from '../../../src/alerts/history/act-on-alert.ts';
import { routeByPreference } from '../../../src/notifications/routing/route-notice.ts';
import { rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { DAY, HOUR, MINUTE } from '../../../src/time.ts';
import { alertsOn } from '../../support/alerting/alerts.ts';
import { useDatabase } from '../../support/database/database.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { useIngestion } from '../../support/events/ingestion.ts';

const database = useDatabase();
let now = Math.floor(Date.now() / HOUR) * HOUR;
const clock = { now: () => now };
const { store } = useIngestion(database, clock);
const { evaluateAll, addConfig } = alertsOn(database, clock);
const hourly = { intervalSeconds: 3_600, windowSeconds: 300 };

async function query<T extends object>(text: string): Promise<T[]> {
  return (await database.pool.query<T>(text)).rows;
}

function transitions() {
  return query(`select transition, reason, notice, suppressed_by as "suppressedBy"
         from analytics.alert_transitions order by id`);
}

async function arrive(status: 'success' | 'error', modelId = 'm') {
  // In a complete minute.
  const occurredAt = new Date(now - 2 * MINUTE).toISOString();
  await store(...Array.from({ length: 5 }, () => makeUsage({ occurredAt, status, modelId })));
  while ((await rollUp(database.pool)) > 0);
}

/** Time passes with an evaluation each hour. */
async function pass(length: number) {
  for (const end = now + length; now < end; ) {
    now += HOUR;
    await evaluateAll();
  }
}

beforeEach(async () => {
  await database.pool.query(
    `truncate analytics.alert_configs, analytics.alert_states, analytics.alert_history, analytics.alert_transitions,
       analytics.notification_outbox, analytics.in_app_notifications, analytics.in_app_reads`,
  );
  now += DAY;
});

test('silence longer than a day counts from its beginning', async () => {
  await addConfig(
    { ...hourly, metric: 'usage.count', type: 'threshold_below', threshold: 1, forSeconds: 172_800 },
    'silent',
  );
  await evaluateAll();
  await pass(2 * DAY - HOUR);
  expect(await transitions()).toEqual([]);
  await pass(HOUR);
  expect(await transitions()).toMatchObject([{ transition: 'firing', notice: 'firing' }]);
});

test('a day without data does not restart forSeconds', async () => {
  await addConfig({ ...hourly, groupBy: ['modelId'], forSeconds: 3_600 });
  await arrive('error');
  await evaluateAll();
  await pass(25 * HOUR);
  expect(await transitions()).toEqual([]);
  now += HOUR;
  await arrive('error');
  await evaluateAll();
  expect(await transitions()).toMatchObject([{ transition: 'firing' }]);
});

test('a cooldown longer than a day lasts through a day without data', async () => {
  await addConfig({ ...hourly, groupBy: ['modelId'], cooldownSeconds: 604_800 });
  await arrive('error');
  await evaluateAll();
  const began = now;
  const [alert] = await query<{ id: string }>('select id from analytics.alert_history');
  await actOnAlert({ pool: database.pool, clock, route: routeByPreference }, alert?.id ?? '', 'resolve', {
    scope: 'all',
    caller: {
      actor: { id: 'ada', roles: ['admin'], orgs: [], via: 'jwt' },
      route: 'test',
      requestId: 'test',
    },
  });
  await pass(26 * HOUR);
  now += HOUR;
  await arrive('error');
  await evaluateAll();
  expect((await transitions()).slice(2)).toEqual([]);
  now = began + 7 * DAY;
  await arrive('error');
  await evaluateAll();
  expect((await transitions()).slice(2)).toMatchObject([{ transition: 'firing', notice: 'firing' }]);
});
