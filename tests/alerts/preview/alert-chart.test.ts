import { expect, test } from 'vitest';
import { alertCharts } from '../../../src/alerts/preview/alert-chart.ts';
import { MINUTE, SECOND } from '../../../src/time.ts';
import { useUsageAlerts } from '../usage-alerts.ts';

const { database, clock, evaluateAll, addConfig, calls, arrive, later, query } = useUsageAlerts();

test('the chart of an alert has the value that fired, of its group alone, and ends now', async () => {
  await addConfig({ metric: 'usage.errors', threshold: 5, groupBy: ['modelId'] });
  later(4 * MINUTE);
  await arrive(...calls('error', 3, { modelId: 'bad' }), ...calls('error', 90, { modelId: 'worse' }));
  later(2 * MINUTE + 30 * SECOND);
  await arrive(...calls('error', 9, { modelId: 'bad' }));
  await evaluateAll();
  const [alert] = await query<{ id: string }>(
    `select id from analytics.alert_history where group_key::jsonb ->> 'modelId' = 'bad'`,
  );
  const chartOf = alertCharts({ pool: database.pool, prometheus: undefined }, clock);
  const chart = await chartOf(alert?.id ?? '');
  const values = chart?.points.map(({ value }) => value) ?? [];
  expect(chart?.threshold).toBe(5);
  expect(Math.max(...values.map(Number))).toBe(9);
  expect(values).toContain(3);
  expect(chart?.points.at(-1)?.at).toBeLessThanOrEqual(clock.now());
  expect(chart?.points.length).toBeLessThanOrEqual(80);
});

test('an alert that is gone has no chart', async () => {
  const chartOf = alertCharts({ pool: database.pool, prometheus: undefined }, clock);
  expect(await chartOf('0198f3a2-0000-7000-8000-000000000009')).toBeUndefined();
});
