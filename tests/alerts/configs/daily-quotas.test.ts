/** The operator learns that an org has used up what costs money: SMS, e-mails and trials of a day. */
import { expect, test } from 'vitest';
import { enterBuiltInRules } from '../../../src/alerts/configs/built-in.ts';
import { loadConfig } from '../../../src/config.ts';
import { startMeasuringQuotas } from '../../../src/quotas/measure-use.ts';
import { limitsOf } from '../../../src/quotas/quota.ts';
import { spend } from '../../../src/quotas/spend.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import { MINUTE, SECOND } from '../../../src/time.ts';
import { alertsOn } from '../../support/alerting/alerts.ts';
import { useDatabase } from '../../support/database/database.ts';
import { silentLog } from '../../support/events/ingestion.ts';

const database = useDatabase();
let now = Date.now();
const clock = { now: () => now };
const { evaluateAll } = alertsOn(database, clock);

test.each(['sms_per_day', 'emails_per_day', 'trials_per_day'] as const)(
  'an org that has used up the quota %s is counted by a metric and told to the operator',
  async (quota) => {
    const { pool } = database;
    await pool.query(
      'truncate analytics.alert_configs, analytics.alert_states, analytics.alert_history cascade',
    );
    await pool.query('truncate analytics.notification_outbox, analytics.quota_days, analytics.quota_use');
    await enterBuiltInRules(pool, now);
    const limits = { ...limitsOf(loadConfig({})), [quota]: 3 };
    for (let time = 0; time < 5; time++) await spend(pool, limits, { quota, orgId: 'costly', now });

    const metrics = createMetrics();
    const measuring = startMeasuringQuotas({ pool, limits, clock, log: silentLog, metrics });
    const reached = async () => {
      const text = await metrics.registry.getSingleMetricAsString('tidemark_quota_orgs');
      return new RegExp(`quota="${quota}",level="reached"\\} (\\d+)`).exec(text)?.[1];
    };
    await expect.poll(reached, { timeout: 30 * SECOND }).toBe('1');
    await measuring.stop();

    for (const end = now + MINUTE; now < end; now += 30 * SECOND) await evaluateAll();
    const { rows } = await pool.query(
      `select distinct h.group_key, h.org_id, o.notice from analytics.notification_outbox o
       join analytics.alert_history h on h.id = o.alert_id
       join analytics.alert_configs c on c.id = h.config_id where c.built_in = 'filling_quota'`,
    );
    expect(rows).toEqual([
      { group_key: `{"quota":"${quota}","orgId":"costly"}`, org_id: null, notice: 'firing' },
    ]);
  },
);
