import { expect, onTestFinished, test } from 'vitest';
import { AlertEngine } from '../../../src/alerts/evaluation/engine.ts';
import { evaluateDue } from '../../../src/alerts/evaluation/evaluate-due.ts';
import type { Evaluator } from '../../../src/alerts/evaluation/evaluator.ts';
import { withTransaction } from '../../../src/database/pool.ts';
import { routeByPreference } from '../../../src/notifications/routing/route-notice.ts';
import { DAY, MINUTE, SECOND } from '../../../src/time.ts';
import { useUsageAlerts } from '../usage-alerts.ts';

const { database, clock, ingestion, evaluator, evaluateAll, addConfig, ...usage } = useUsageAlerts();
const { calls, rollUpAll, arrive, later, query, transitions } = usage;
const patience = { timeout: 30 * SECOND, interval: 25 };

test('several evaluators evaluate each rule once', async () => {
  for (let index = 0; index < 20; index++) await addConfig({ name: `rule ${index}` });
  later(30 * SECOND);
  await arrive(...calls('error', 9));
  const evaluated = await Promise.all([evaluateAll(), evaluateAll(), evaluateAll()]);
  expect(evaluated.reduce((sum, count) => sum + count, 0)).toBe(20);
  expect(await transitions()).toHaveLength(20);
  expect(await evaluateAll()).toBe(0);
});

test('missed evaluations are caught up, and one notice says how things are at the end', async () => {
  await addConfig({ name: 'still', forSeconds: 120 });
  await addConfig({ name: 'over', metric: 'usage.count', threshold: 20 });
  await evaluateAll();
  later(5 * MINUTE);
  await ingestion.store(...calls('success', 25));
  later(5 * MINUTE);
  for (let minute = 0; minute < 5; minute++) {
    await ingestion.store(...calls('error', 9));
    later(MINUTE);
  }
  await rollUpAll();
  await evaluateAll();
  expect((await transitions()).filter(({ name }) => name === 'over')).toMatchObject([
    { transition: 'firing', notice: null, suppressed_by: 'catch_up' },
    { transition: 'resolved', notice: null, suppressed_by: 'untold' },
  ]);
  expect((await transitions()).filter(({ name }) => name === 'still')).toMatchObject([
    { transition: 'firing', notice: null, suppressed_by: 'catch_up' },
    { transition: 'told', notice: 'firing', reason: 'told_late' },
  ]);
});

test('data that arrives during an evaluation makes the rule due once more', async () => {
  const { id } = await addConfig({ onData: true, intervalSeconds: 86_400 });
  const engine = new AlertEngine({ ...evaluator(), ingest: ingestion.ingest, ownOrg: 'tidemark' });
  const evaluatedAt = async () =>
    (await query<{ at: Date | null }>('select last_evaluated_at as at from analytics.alert_configs'))[0]?.at;
  engine.start();
  onTestFinished(() => engine.stop());
  await expect.poll(evaluatedAt, patience).toEqual(new Date(clock.now()));
  const began = clock.now();
  later(MINUTE);
  await withTransaction(database.pool, async (client) => {
    await client.query('update analytics.alert_configs set next_evaluation_at = $2 where id = $1', [
      id,
      new Date(clock.now()),
    ]);
    await engine.dataArrived(['acme']);
    await client.query('update analytics.alert_configs set next_evaluation_at = $2 where id = $1', [
      id,
      new Date(clock.now() + DAY),
    ]);
  });
  expect(await evaluatedAt()).toEqual(new Date(began));
  await expect.poll(evaluatedAt, patience).toEqual(new Date(clock.now()));
});

test('an evaluation that does not commit leaves no trace, and is repeated soon', async () => {
  await addConfig({ intervalSeconds: 3_600 });
  later(30 * SECOND);
  await arrive(...calls('error', 9));
  const cut: Evaluator = {
    ...evaluator(),
    route: async (client, notice) => {
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      await database.pool.query('select pg_terminate_backend($1::int)', [rows[0]?.pid]);
      return routeByPreference(client, notice);
    },
  };
  expect(await evaluateDue(cut, 'rollups')).toBe(true);
  expect(await transitions()).toEqual([]);
  // The retry is due long before the interval has passed.
  later(MINUTE);
  expect(await evaluateAll()).toBe(1);
  expect(await transitions()).toMatchObject([{ transition: 'firing' }]);
});
