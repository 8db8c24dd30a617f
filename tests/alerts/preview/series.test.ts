import { expect, test } from 'vitest';
import { ruleOfConfig } from '../../../src/alerts/configs/alert-configs.ts';
import { readAlert } from '../../../src/alerts/history/alert-history.ts';
import { seriesOfAlert } from '../../../src/alerts/preview/alert-series.ts';
import { previewRule } from '../../../src/alerts/preview/preview.ts';
import { DAY, MINUTE, SECOND } from '../../../src/time.ts';
import { previewSources } from '../../support/alerting/alerts.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { useUsageAlerts } from '../usage-alerts.ts';

const { database, clock, evaluateAll, addConfig, calls, arrive, later, query } = useUsageAlerts();

async function onlyAlert() {
  const [row] = await query<{ id: string }>('select id from analytics.alert_history');
  return readAlert(database.pool, row?.id ?? '', 'all');
}

async function fireAndEnd(modelId: string, config: object = {}) {
  await addConfig({ groupBy: ['modelId'], ...config });
  later(30 * SECOND);
  await arrive(...calls('error', 8, { modelId }), ...calls('success', 2, { modelId }));
  await arrive(...calls('success', 9, { modelId: 'good' }));
  await evaluateAll();
  later(2 * MINUTE);
  await arrive(...calls('success', 10, { modelId }));
  later(MINUTE);
  await evaluateAll();
}

test('the series of an alert has the values of its group, the threshold, and what happened', async () => {
  await fireAndEnd('bad');
  const alert = await onlyAlert();
  later(5 * MINUTE);
  const series = await seriesOfAlert({ pool: database.pool, prometheus: undefined }, alert, clock.now());
  expect(series).toMatchObject({
    alertId: alert.id,
    group: { modelId: 'bad' },
    unit: 'ratio',
    threshold: 0.5,
    pointSeconds: 60,
    note: null,
    marks: [
      { transition: 'firing', reason: 'fired', notice: 'firing', value: 0.8, at: alert.triggeredAt },
      { transition: 'resolved', reason: 'recovered', notice: 'resolved', at: alert.resolvedAt },
    ],
  });
  const withValues = series.points.filter(({ value }) => value !== null);
  expect(withValues.map(({ value, samples, upper, lower }) => [value, samples, upper, lower])).toEqual([
    [0.8, 10, 0.5, null],
    [0, 10, 0.5, null],
  ]);
  // An hour before it, and up to now.
  expect(series.points.length).toBeGreaterThan(60);
  expect(series.points.length).toBeLessThanOrEqual(1_500);
});

test('the series of a long alert keeps its bounds, and a point shows the worst value of its time', async () => {
  await fireAndEnd('long', { recoverySeconds: 7 * 86_400 });
  const alert = await onlyAlert();
  expect(alert.resolvedAt).toBeNull();
  const now = clock.now() + 40 * DAY;
  const series = await seriesOfAlert({ pool: database.pool, prometheus: undefined }, alert, now);
  expect(series.points.length).toBeLessThanOrEqual(1_500);
  expect(series.pointSeconds).toBe(3_600);
  // The failures and the later successes are in one quarter of an hour, and other quarters of that hour are empty.
  expect(series.points.flatMap(({ value }) => value ?? [])).toEqual([0.4]);
  expect(series.note).toBe(
    'A point stands for 3600 s, and shows the value that is furthest past the threshold.',
  );
});

test('an alert whose values are gone keeps its marks, and says so', async () => {
  await fireAndEnd('gone');
  const alert = await onlyAlert();
  const found = await seriesOfAlert(
    { pool: database.pool, prometheus: undefined },
    alert,
    clock.now() + 120 * DAY,
  );
  expect(found).toMatchObject({ points: [], marks: [{ transition: 'firing' }, { transition: 'resolved' }] });
  expect(found.note).toContain('no longer kept');
});

test('a preview shows the values of the groups that would fire, with a note of those left out', async () => {
  const config = await addConfig({ groupBy: ['modelId'], windowSeconds: 900, enabled: false });
  const at = new Date(clock.now() - 10 * DAY).toISOString();
  await arrive(
    ...Array.from({ length: 14 }, (_, model) =>
      Array.from({ length: 20 - model }, () =>
        makeUsage({ occurredAt: at, modelId: `m${model}`, status: model === 13 ? 'error' : 'success' }),
      ),
    ).flat(),
  );
  const wanted = { rule: ruleOfConfig(config), orgId: 'acme', now: clock.now() };
  const { series, pointSeconds, seriesNote } = await previewRule(previewSources(database.pool), wanted);
  expect(series).toHaveLength(10);
  expect(pointSeconds).toBe(1_800);
  expect(seriesNote).toMatch(/^10 of \d+ groups are shown/);
  const first = series.find(({ group }) => group.modelId === 'm13');
  expect(first).toMatchObject({ group: { modelId: 'm13' }, samples: { least: 7, median: 7, most: 7 } });
  expect(first?.marks.map(({ transition }) => transition)).toContain('firing');
  expect(first?.points.length).toBeLessThanOrEqual(1_500);
  expect(first?.points.find(({ value }) => value === 1)).toMatchObject({
    samples: 7,
    upper: 0.5,
    lower: null,
  });
});
