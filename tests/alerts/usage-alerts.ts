import { beforeEach } from 'vitest';
import { rollUp } from '../../src/rollups/fold/roll-up.ts';
import { MINUTE, SECOND } from '../../src/time.ts';
import { alertsOn } from '../support/alerting/alerts.ts';
import { useDatabase } from '../support/database/database.ts';
import { makeUsage } from '../support/events/fixtures.ts';
import { useIngestion } from '../support/events/ingestion.ts';

const QUARTER = 15 * MINUTE;

/**
 * Alerting on usage events, with a clock that stands still until the test moves it. Each test begins without rules
 * and alerts, at the start of a quarter of an hour of its own.
 */
export function useUsageAlerts() {
  const database = useDatabase();
  let now = Math.floor(Date.now() / QUARTER) * QUARTER;
  const clock = { now: () => now };
  const ingestion = useIngestion(database, clock);

  beforeEach(async () => {
    await database.pool.query(
      `truncate analytics.alert_configs, analytics.alert_states, analytics.alert_history,
         analytics.alert_transitions, analytics.notification_outbox, analytics.in_app_notifications,
         analytics.in_app_reads, analytics.alert_silences`,
    );
    now = (Math.floor(now / QUARTER) + 1) * QUARTER;
  });

  function calls(status: 'success' | 'error', count: number, more: object = {}) {
    return Array.from({ length: count }, () =>
      makeUsage({ occurredAt: new Date(now - 5 * SECOND).toISOString(), status, ...more }),
    );
  }

  async function rollUpAll() {
    while ((await rollUp(database.pool)) > 0);
  }

  async function arrive(...events: object[]) {
    await ingestion.store(...events);
    await rollUpAll();
  }

  function later(ms: number) {
    now += ms;
  }

  async function query<T extends object>(text: string): Promise<T[]> {
    return (await database.pool.query<T>(text)).rows;
  }

  function transitions() {
    return query<{
      transition: string;
      reason: string;
      notice: string | null;
      suppressed_by: string | null;
      name: string;
      group_key: string;
    }>(
      `select h.name, h.group_key, t.transition, t.reason, t.notice, t.suppressed_by
       from analytics.alert_transitions t join analytics.alert_history h on h.id = t.alert_id order by t.id`,
    );
  }

  const alerts = alertsOn(database, clock);
  return { ...alerts, database, clock, ingestion, calls, rollUpAll, arrive, later, query, transitions };
}
