import { beforeEach, describe, expect, test } from 'vitest';
import { type AlertConfig, ruleOfConfig } from '../../../src/alerts/configs/alert-configs.ts';
import { deleteConfigs, updateConfigs } from '../../../src/alerts/configs/store-configs.ts';
import { actOnAlert } from '../../../src/alerts/history/act-on-alert.ts';
import type { Rule } from '../../../src/alerts/rules/rule.ts';
import type { Notice } from '../../../src/notifications/notice/notice.ts';
import { statementOf } from '../../../src/notifications/notice/statement.ts';
import { eventOf } from '../../../src/notifications/notice/wording.ts';
import { routeByPreference } from '../../../src/notifications/routing/route-notice.ts';
import { rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { HOUR, MINUTE, SECOND } from '../../../src/time.ts';
import { alertsOn } from '../../support/alerting/alerts.ts';
import { useDatabase } from '../../support/database/database.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { useIngestion } from '../../support/events/ingestion.ts';

const database = useDatabase();
let now = Math.floor(Date.now() / HOUR) * HOUR;
const clock = { now: () => now };
const { store } = useIngestion(database, clock);
const { evaluateAll, addConfig } = alertsOn(database, clock);
const route = routeByPreference;

const channels = [{ channel: 'webhook', to: 'ops' }];

function add(changes: object = {}) {
  return addConfig({ channels, cooldownSeconds: 120, ...changes });
}

/** Stores answers of a minute that will soon be complete. */
async function arrive(failed: number, succeeded: number) {
  const occurredAt = new Date(now - 5 * SECOND).toISOString();
  const some = (count: number, status: 'error' | 'success') =>
    Array.from({ length: count }, () => makeUsage({ occurredAt, status }));
  await store(...some(failed, 'error'), ...some(succeeded, 'success'));
  while ((await rollUp(database.pool)) > 0);
}

async function later(ms: number) {
  now += ms;
  await evaluateAll();
}

/** The statements of the notices, each with its kind. */
async function told(): Promise<string[]> {
  const { rows } = await database.pool.query<{ payload: Notice }>(
    'select payload from analytics.notification_outbox order by id',
  );
  return rows.map(({ payload }) => `${payload.kind}: ${statementOf(payload)}`);
}

async function lastNotice(): Promise<Notice | undefined> {
  return (
    await database.pool.query<{ payload: Notice }>(
      'select payload from analytics.notification_outbox order by id desc limit 1',
    )
  ).rows[0]?.payload;
}

function change(config: AlertConfig, changes: Partial<Rule>, silencedUntil: number | null = null) {
  return updateConfigs(
    database.pool,
    [{ id: config.id, rule: { ...ruleOfConfig(config), ...changes }, silencedUntil }],
    { route, scope: 'all', actorId: 'eve', now },
  );
}

function remove({ id }: AlertConfig) {
  return deleteConfigs(database.pool, [{ id }], { route, scope: 'all', actorId: 'eve', now });
}

beforeEach(async () => {
  await database.pool.query(
    `truncate analytics.alert_configs, analytics.alert_states, analytics.alert_history, analytics.alert_transitions,
       analytics.notification_outbox, analytics.in_app_notifications, analytics.in_app_reads`,
  );
  // Each test has an hour of its own, in the middle of a minute.
  now = (Math.floor(now / HOUR) + 1) * HOUR + 30 * SECOND;
});

const FIRED = 'firing: usage.error_rate is 80 %, above 50 %';

async function fire(changes: object = {}): Promise<AlertConfig> {
  const config = await add(changes);
  await arrive(8, 2);
  await evaluateAll();
  expect(await told()).toEqual([FIRED]);
  return config;
}

describe('the notice of the end names the cause', () => {
  const was = 'usage.error_rate was 80 %, above 50 %';
  const resolve = async () => {
    const { rows } = await database.pool.query<{ id: string }>('select id from analytics.alert_history');
    await actOnAlert({ pool: database.pool, clock, route }, rows[0]?.id ?? '', 'resolve', {
      scope: 'all',
      note: 'rolled back',
      caller: {
        actor: { id: 'eve', roles: ['engineer'], orgs: ['acme'], via: 'jwt' },
        route: 'test',
        requestId: 'test',
      },
    });
  };
  test.each<[string, (config: AlertConfig) => Promise<unknown>, string, string]>([
    ['a person', resolve, `resolved by eve: "rolled back"; ${was}`, 'was resolved by eve'],
    [
      'a rule that is disabled',
      (config) => change(config, { enabled: false }),
      `the rule was disabled by eve; ${was}`,
      'is no longer watched',
    ],
    [
      'a rule that watches something else',
      (config) => change(config, { metric: 'usage.count', threshold: 5 }),
      `the rule was changed by eve, and now watches something else; ${was}`,
      'is no longer watched',
    ],
    ['a rule that is deleted', remove, `the rule was deleted by eve; ${was}`, 'is no longer watched'],
  ])('%s', async (_, end, statement, event) => {
    const firedAt = new Date(now).toISOString();
    const config = await fire();
    now += MINUTE;
    await end(config);
    expect(await told()).toEqual([FIRED, `resolved: ${statement}`]);
    const notice = await lastNotice();
    expect(notice && eventOf(notice)).toBe(`Errors ${event}`);
    expect(notice).toMatchObject({ actorId: 'eve', measuredAt: firedAt, sampleCount: 10 });
  });

  test('a manual resolve also notifies the current channels, with the rule as it was when it fired', async () => {
    const config = await fire();
    await change(config, { channels: [{ channel: 'webhook', to: 'pager' }], threshold: 70 });
    await resolve();
    const { rows } = await database.pool.query(
      `select recipient from analytics.notification_outbox where payload ->> 'kind' = 'resolved' order by 1`,
    );
    expect(rows).toEqual([{ recipient: 'ops' }, { recipient: 'pager' }]);
    expect((await told()).at(-1)).toContain(was);
  });

  test.each<[string, (config: AlertConfig) => Promise<unknown>]>([
    ['disabled', (config) => change(config, { enabled: false }, now + HOUR)],
    ['deleted', remove],
  ])('no notice is sent for a rule that is %s while it is silenced', async (_, end) => {
    const config = await fire();
    await change(config, {}, now + HOUR);
    await end(config);
    expect(await told()).toEqual([FIRED]);
    const { rows } = await database.pool.query(
      'select transition, notice, suppressed_by from analytics.alert_transitions order by id desc limit 1',
    );
    expect(rows).toEqual([{ transition: 'resolved', notice: null, suppressed_by: 'silence' }]);
  });
});

describe('a repeated notice', () => {
  test('is not sent while the value is right', async () => {
    await fire({ recoverySeconds: 600 });
    now += MINUTE;
    await arrive(0, 9);
    await later(3 * MINUTE);
    now += 30 * SECOND;
    await arrive(0, 9);
    await later(3 * MINUTE);
    expect(await told()).toEqual([FIRED]);
  });

  test('says that a value between the thresholds has not recovered', async () => {
    await fire({ recoveryThreshold: 0.2, windowSeconds: 120 });
    now += MINUTE;
    await arrive(0, 10);
    await later(MINUTE);
    expect((await told()).at(-1)).toBe(
      'still_firing: usage.error_rate is 40 %, no longer above 50 %, but not back at 20 % yet',
    );
  });

  test('names the last wrong value and its time if there is no data now', async () => {
    const firedAt = new Date(now).toISOString();
    await fire({ intervalSeconds: 300 });
    await later(5 * MINUTE);
    expect(await told()).toEqual([
      FIRED,
      'still_firing: usage.error_rate was 80 %, above 50 %; no data since then',
    ]);
    expect(await lastNotice()).toMatchObject({ value: 0.8, sampleCount: 10, measuredAt: firedAt });
  });

  test('says that only the minute under way has events', async () => {
    await fire();
    now += 5 * MINUTE;
    await arrive(1, 9);
    await evaluateAll();
    expect((await told()).at(-1)).toBe(
      'still_firing: usage.error_rate was 80 %, above 50 %; newer data is not complete yet',
    );
  });

  test('delayed by a silence names the last wrong value', async () => {
    const config = await add();
    await change(config, {}, now + 4 * MINUTE);
    await arrive(8, 2);
    await evaluateAll();
    await later(5 * MINUTE);
    expect(await told()).toEqual(['firing: usage.error_rate was 80 %, above 50 %; no data since then']);
  });
});
