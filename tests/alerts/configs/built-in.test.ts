import { beforeEach, describe, expect, test } from 'vitest';
import { listConfigs } from '../../../src/alerts/configs/alert-configs.ts';
import { enterBuiltInRules } from '../../../src/alerts/configs/built-in.ts';
import { planImport } from '../../../src/alerts/configs/plan-import.ts';
import { readRule } from '../../../src/alerts/rules/read-rule.ts';
import { loadConfig } from '../../../src/config.ts';
import { measureUse } from '../../../src/quotas/measure-use.ts';
import { limitsOf } from '../../../src/quotas/quota.ts';
import { rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { HOUR, MINUTE, SECOND } from '../../../src/time.ts';
import { alertsOn } from '../../support/alerting/alerts.ts';
import { fireAlert, putMessage } from '../../support/alerting/outbox.ts';
import { useDatabase } from '../../support/database/database.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { useIngestion } from '../../support/events/ingestion.ts';

const database = useDatabase();
let now = Date.now();
const clock = { now: () => now };
const { store } = useIngestion(database, clock);
const { evaluateAll, addConfig } = alertsOn(database, clock);

beforeEach(async () => {
  await database.pool.query(
    `truncate analytics.alert_configs, analytics.alert_states, analytics.alert_history, analytics.alert_transitions,
       analytics.notification_outbox, analytics.in_app_notifications, analytics.in_app_reads`,
  );
  now = Date.now();
  await enterBuiltInRules(database.pool, now);
});

function allConfigs() {
  return listConfigs(database.pool, { scope: 'all', limit: 100 });
}

/** Evaluates the built-in rules over some time, and nothing else. */
async function passTime(length: number) {
  for (const end = now + length; now < end; ) {
    now += 30 * SECOND;
    await evaluateAll();
  }
}

/** The transitions of the alerts of a built-in rule, each with its group. */
async function transitionsOf(builtIn: string): Promise<string[]> {
  const { rows } = await database.pool.query<{ happened: string }>(
    `select t.transition || ' ' || h.group_key as happened
     from analytics.alert_transitions t join analytics.alert_history h on h.id = t.alert_id
       join analytics.alert_configs c on c.id = h.config_id
     where c.built_in = $1 and t.transition in ('firing', 'resolved') order by t.id`,
    [builtIn],
  );
  return rows.map((row) => row.happened);
}

async function noticesOf(builtIn: string): Promise<string[]> {
  const { rows } = await database.pool.query<{ notice: string }>(
    `select distinct o.notice from analytics.notification_outbox o join analytics.alert_history h on h.id = o.alert_id
       join analytics.alert_configs c on c.id = h.config_id where c.built_in = $1 order by 1`,
    [builtIn],
  );
  return rows.map(({ notice }) => notice);
}

describe('a built-in alert fires and resolves', () => {
  test('while a rule of an org cannot be evaluated', async () => {
    // Nothing in the test answers PromQL, so the failures are written as an evaluation writes them.
    const { id } = await addConfig({ intervalSeconds: 86_400 });
    const fail = (failures: number) =>
      database.pool.query('update analytics.alert_configs set failures = $2 where id = $1', [id, failures]);
    await passTime(MINUTE);
    await fail(4);
    await passTime(6 * MINUTE);
    expect(await transitionsOf('failing_rules')).toEqual([]);
    await fail(5);
    await passTime(6 * MINUTE);
    expect(await transitionsOf('failing_rules')).toEqual(['firing {"orgId":"acme"}']);
    expect(await noticesOf('failing_rules')).toEqual(['firing']);
    await fail(0);
    await passTime(MINUTE);
    expect((await transitionsOf('failing_rules')).at(-1)).toMatch(/^resolved/);
  });

  test('while a worker holds a due rule without evaluating it', async () => {
    const { id } = await addConfig({ intervalSeconds: 60 });
    const held = await database.pool.connect();
    try {
      await held.query('begin');
      await held.query('select from analytics.alert_configs where id = $1 for update', [id]);
      await passTime(90 * SECOND);
      expect(await transitionsOf('stalled_evaluator')).toEqual([]);
      await passTime(3 * MINUTE);
      expect(await transitionsOf('stalled_evaluator')).toEqual(['firing {}']);
      expect(await noticesOf('stalled_evaluator')).toEqual(['firing']);
    } finally {
      await held.query('rollback');
      held.release();
    }
    await passTime(3 * MINUTE);
    expect(await transitionsOf('stalled_evaluator')).toEqual(['firing {}', 'resolved {}']);
  });

  test('while notices are due and nobody sends them', async () => {
    const alertId = await fireAlert(database.pool);
    await putMessage(database.pool, {
      alertId,
      channel: 'email',
      recipient: 'a@example.com',
      at: new Date(now),
    });
    await passTime(5 * MINUTE);
    expect(await transitionsOf('growing_outbox')).toEqual(['firing {}']);
    await database.pool.query(`update analytics.notification_outbox set status = 'sent', sent_at = $1`, [
      new Date(now),
    ]);
    await passTime(3 * MINUTE);
    expect(await transitionsOf('growing_outbox')).toEqual(['firing {}', 'resolved {}']);
  });

  test('for a quota of which an org uses more than 80 %, and not for the half that another uses', async () => {
    const limits = { ...limitsOf(loadConfig({})), webhooks: 10 };
    const fill = async (orgId: string, count: number) => {
      await database.pool.query('delete from analytics.webhook_endpoints where org_id = $1', [orgId]);
      await database.pool.query(
        `insert into analytics.webhook_endpoints (org_id, name, url, secret, created_at, created_by)
         select $1, 'n' || n, '', '', now(), 'test' from generate_series(1, $2::int) as n`,
        [orgId, count],
      );
      return measureUse({ pool: database.pool, limits, clock: { now: () => now } });
    };
    expect(await fill('half', 5)).toEqual([{ quota: 'webhooks', orgId: 'half', used: 5, share: 0.5 }]);
    await passTime(MINUTE);
    expect(await transitionsOf('filling_quota')).toEqual([]);
    await fill('full', 9);
    await passTime(MINUTE);
    expect(await transitionsOf('filling_quota')).toEqual(['firing {"quota":"webhooks","orgId":"full"}']);
    await fill('half', 9);
    await passTime(MINUTE);
    expect(await transitionsOf('filling_quota')).toEqual([
      'firing {"quota":"webhooks","orgId":"full"}',
      'firing {"quota":"webhooks","orgId":"half"}',
    ]);
    await fill('full', 4);
    await passTime(MINUTE);
    await fill('half', 4);
    await passTime(MINUTE);
    expect(await transitionsOf('filling_quota')).toEqual([
      'firing {"quota":"webhooks","orgId":"full"}',
      'firing {"quota":"webhooks","orgId":"half"}',
      'resolved {"quota":"webhooks","orgId":"full"}',
      'resolved {"quota":"webhooks","orgId":"half"}',
    ]);
  });

  test('for an export schedule that fails twice in a row, and a month that is overdue by a day', async () => {
    await database.pool.query(
      `insert into analytics.export_schedules (org_id, name, dataset, request, close_after_seconds, next_period, due_at,
         created_at, created_by, updated_at, updated_by, failures)
       values ('acme', 'months', 'focus', '{}', 0, $1, $2, $1, 'ada', $1, 'ada', 1)`,
      [new Date(now - 40 * 24 * HOUR), new Date(now - 24 * HOUR + 2 * MINUTE)],
    );
    await passTime(MINUTE);
    expect(await transitionsOf('failing_schedule')).toEqual([]);
    expect(await transitionsOf('overdue_month')).toEqual([]);
    await database.pool.query('update analytics.export_schedules set failures = 2');
    await passTime(3 * MINUTE);
    expect(await transitionsOf('failing_schedule')).toEqual(['firing {}']);
    expect(await transitionsOf('overdue_month')).toEqual(['firing {}']);
    await database.pool.query('delete from analytics.export_schedules');
    await passTime(MINUTE);
    expect(await transitionsOf('overdue_month')).toEqual(['firing {}', 'resolved {}']);
  });

  test('for a channel that gives up notices, until an hour after the last, not counting its own notices', async () => {
    const alertId = await fireAlert(database.pool);
    await putMessage(database.pool, { alertId, channel: 'slack', recipient: 'ops', at: new Date(now) });
    await database.pool.query(`update analytics.notification_outbox set status = 'dead', failure = 'gone'`);
    await passTime(MINUTE);
    expect(await transitionsOf('failing_channel')).toEqual(['firing {"channel":"slack"}']);
    await passTime(HOUR / 2);
    await database.pool.query(
      `update analytics.notification_outbox set status = 'dead', channel = 'slack', recipient = id::text, not_before = $2
       where alert_id <> $1`,
      [alertId, new Date(now)],
    );
    await passTime(HOUR / 2 + MINUTE);
    expect(await transitionsOf('failing_channel')).toEqual([
      'firing {"channel":"slack"}',
      'resolved {"channel":"slack"}',
    ]);
  });

  test('for a channel that is tried again and again', async () => {
    const alertId = await fireAlert(database.pool);
    await putMessage(database.pool, { alertId, channel: 'webhook', recipient: 'ops', at: new Date(now) });
    const setAttempts = (attempts: number) =>
      database.pool.query(
        `update analytics.notification_outbox set attempts = $1, failure = 'HTTP 503', not_before = $2
         where alert_id = $3`,
        [attempts, new Date(now + HOUR), alertId],
      );
    await setAttempts(2);
    await passTime(MINUTE);
    expect(await transitionsOf('failing_channel')).toEqual([]);
    await setAttempts(3);
    await passTime(MINUTE);
    expect(await transitionsOf('failing_channel')).toEqual(['firing {"channel":"webhook"}']);
    await database.pool.query(
      `update analytics.notification_outbox set status = 'sent' where alert_id = $1`,
      [alertId],
    );
    await passTime(MINUTE);
    expect(await transitionsOf('failing_channel')).toEqual([
      'firing {"channel":"webhook"}',
      'resolved {"channel":"webhook"}',
    ]);
  });

  test('while stored events are missing in the rollups', async () => {
    await store(makeUsage({ occurredAt: new Date(now).toISOString() }));
    await passTime(8 * MINUTE);
    expect(await transitionsOf('stale_rollups')).toEqual(['firing {}']);
    while ((await rollUp(database.pool)) > 0);
    await passTime(3 * MINUTE);
    expect(await transitionsOf('stale_rollups')).toEqual(['firing {}', 'resolved {}']);
  });
});

test('no built-in alert fires while all is well', async () => {
  await addConfig({ intervalSeconds: 60 });
  await passTime(10 * MINUTE);
  const { rows } = await database.pool.query(
    'select name, failure from analytics.alert_configs where failure is not null',
  );
  expect(rows).toEqual([]);
  const { rowCount } = await database.pool.query('select from analytics.alert_history');
  expect(rowCount).toBe(0);
});

test('creating the built-in rules again keeps the changes of an admin and restores removed rules', async () => {
  expect(await enterBuiltInRules(database.pool, now)).toBe(0);
  await database.pool.query(
    `update analytics.alert_configs set enabled = false where built_in = 'stale_rollups'`,
  );
  await database.pool.query(`delete from analytics.alert_configs where built_in = 'growing_outbox'`);
  expect(await enterBuiltInRules(database.pool, now)).toBe(1);
  const { rows } = await database.pool.query(
    'select built_in, enabled from analytics.alert_configs order by built_in',
  );
  expect(rows).toEqual([
    { built_in: 'failing_channel', enabled: true },
    { built_in: 'failing_rules', enabled: true },
    { built_in: 'failing_schedule', enabled: true },
    { built_in: 'filling_quota', enabled: true },
    { built_in: 'growing_outbox', enabled: true },
    { built_in: 'overdue_month', enabled: true },
    { built_in: 'stale_rollups', enabled: false },
    { built_in: 'stalled_evaluator', enabled: true },
  ]);
});

test('an import with prune leaves the built-in rules', async () => {
  await addConfig({}, null);
  const configs = await allConfigs();
  expect(configs.filter(({ builtIn }) => builtIn !== null)).toHaveLength(8);
  expect(planImport(configs, [], () => true)).toMatchObject([{ action: 'delete', name: 'Errors' }]);
});

test('metrics of the service can be watched over all orgs only', () => {
  const rule = { name: 'x', metric: 'service.failed_notices', type: 'threshold_above', threshold: 0 };
  expect(readRule(rule, { allOrgs: false })).toEqual([
    { path: '$.metric', message: expect.stringContaining('needs a rule over all orgs') },
  ]);
  expect(readRule({ ...rule, groupBy: ['org'] }, { allOrgs: true })).toEqual([
    { path: '$.groupBy.0', message: expect.stringContaining('use one of: channel') },
  ]);
  expect(readRule({ ...rule, filters: { channel: 'fax' } }, { allOrgs: true })).toEqual([
    {
      path: '$.filters.channel',
      message: 'must be one of email, slack, in_app, sms, webhook, pagerduty, teams, discord',
    },
  ]);
  expect(readRule({ ...rule, type: 'anomaly', threshold: 3 }, { allOrgs: true })).toEqual([
    { path: '$.type', message: expect.stringContaining('needs earlier values') },
  ]);
});
