import { expect, test } from 'vitest';
import { ruleOfConfig } from '../../../src/alerts/configs/alert-configs.ts';
import { previewRule } from '../../../src/alerts/preview/preview.ts';
import { MINUTE, SECOND } from '../../../src/time.ts';
import { previewSources } from '../../support/alerting/alerts.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { useUsageAlerts } from '../usage-alerts.ts';

const { database, clock, evaluateAll, addConfig, calls, later, query, transitions, ...usage } =
  useUsageAlerts();

/** Failures that happened some minutes ago and arrive now. */
function late(minutes: number, count: number, status: 'success' | 'error' = 'error', modelId = 'm') {
  return Array.from({ length: count }, () =>
    makeUsage({ occurredAt: new Date(clock.now() - minutes * MINUTE).toISOString(), status, modelId }),
  );
}

/** Stores and rolls up events at the moment of the test's clock: the database has a clock of its own. */
async function arrive(...events: object[]) {
  await usage.arrive(...events);
  await database.pool.query(
    `update analytics.ingestion_batches set completed_at = $1, rolled_up_at = $1
     where batch_id = (select max(batch_id) from analytics.ingestion_batches)`,
    [new Date(clock.now())],
  );
}

async function evaluated(config: object) {
  await addConfig({ windowSeconds: 300, intervalSeconds: 60, ...config });
  later(30 * SECOND);
  await arrive(...calls('success', 5, { modelId: 'm' }));
  await evaluateAll();
  later(20 * MINUTE);
  await arrive(...calls('success', 5, { modelId: 'm' }));
  await evaluateAll();
}

test('failures that arrive twelve minutes late fire once, about the time when they happened', async () => {
  await evaluated({});
  later(MINUTE);
  await arrive(...late(12, 500), ...calls('success', 5, { modelId: 'm' }));
  const at = clock.now();
  await evaluateAll();
  expect(await transitions()).toMatchObject([
    { transition: 'firing', reason: 'fired_late', notice: 'firing' },
  ]);
  const [alert] = await query<{
    pending_at: Date;
    value: number;
    samples: number;
    evidence: { windowEnd: string };
  }>(
    'select pending_at, value, samples, evidence from analytics.alert_history order by triggered_at desc limit 1',
  );
  expect(alert).toMatchObject({ value: 1, samples: 500 });
  expect(at - (alert?.pending_at.getTime() ?? 0)).toBeGreaterThan(10 * MINUTE);
  expect(at - Date.parse(alert?.evidence.windowEnd ?? '')).toBeGreaterThan(6 * MINUTE);
  // The value of now is right, so the alert ends; and the same late events fire no second one.
  for (let round = 0; round < 20; round++) {
    later(MINUTE);
    await arrive(...calls('success', 2, { modelId: 'm' }));
    await evaluateAll();
  }
  expect(await transitions()).toMatchObject([
    { transition: 'firing', reason: 'fired_late' },
    { transition: 'resolved', reason: 'recovered', notice: 'resolved' },
  ]);
});

test('late failures of a time that people were told of are no news', async () => {
  await evaluated({ groupBy: ['modelId'], filters: { modelId: 'known' } });
  await arrive(...calls('error', 20, { modelId: 'known' }));
  later(MINUTE);
  await evaluateAll();
  for (let round = 0; round < 8; round++) {
    later(MINUTE);
    await arrive(...calls('success', 9, { modelId: 'known' }));
    await evaluateAll();
  }
  const before = await transitions();
  expect(before.map(({ transition }) => transition)).toEqual(['firing', 'resolved']);
  await arrive(...late(9, 50, 'error', 'known'));
  later(MINUTE);
  await evaluateAll();
  expect(await transitions()).toEqual(before);
});

test('a late window has to be wrong for as long as the rule requires', async () => {
  await evaluated({ forSeconds: 600, filters: { modelId: 'short' } });
  await arrive(...late(20, 50, 'error', 'short'));
  later(MINUTE);
  await evaluateAll();
  expect(await transitions()).toEqual([]);
  // Failures of twelve minutes in a row.
  await arrive(...Array.from({ length: 12 }, (_, minute) => late(20 + minute, 5, 'error', 'short')).flat());
  later(MINUTE);
  await evaluateAll();
  expect(await transitions()).toMatchObject([{ transition: 'firing', reason: 'fired_late' }]);
});

test('a new rule does not look back', async () => {
  await arrive(...late(12, 500, 'error', 'new'));
  later(MINUTE);
  await addConfig({ windowSeconds: 300, filters: { modelId: 'new' } });
  await evaluateAll();
  later(MINUTE);
  await evaluateAll();
  expect(await transitions()).toEqual([]);
});

test('a preview says when the events of an alert were known, if they arrived late', async () => {
  const config = await addConfig({ windowSeconds: 300, filters: { modelId: 'shown' }, enabled: false });
  later(20 * MINUTE - 12 * MINUTE);
  const happened = new Date(clock.now()).toISOString();
  await usage.arrive(
    ...[1, 2, 3].map(() => makeUsage({ occurredAt: happened, status: 'success', modelId: 'shown' })),
  );
  later(12 * MINUTE);
  await arrive(...late(12, 40, 'error', 'shown'));
  const known = clock.now();
  later(MINUTE);
  const preview = await previewRule(previewSources(database.pool), {
    rule: ruleOfConfig(config),
    orgId: 'acme',
    now: clock.now(),
  });
  const [alert] = preview.alerts;
  expect(preview.alerts).toHaveLength(1);
  expect(alert).toMatchObject({ knownAt: new Date(known).toISOString(), lateEvents: 40, samples: 43 });
  // The three that succeeded had arrived in time.
  expect(alert?.value).toBeCloseTo(40 / 43);
  expect(alert?.knownThen).toEqual({ value: 0, samples: 3 });
  expect(known - Date.parse(alert?.triggeredAt ?? '')).toBeGreaterThan(10 * MINUTE);
});
