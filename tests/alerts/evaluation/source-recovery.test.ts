import { describe, expect, onTestFinished, test } from 'vitest';
import { evaluateDue } from '../../../src/alerts/evaluation/evaluate-due.ts';
import { SourceRecovery } from '../../../src/alerts/evaluation/source-recovery.ts';
import { createPrometheusSource } from '../../../src/alerts/observing/prometheus.ts';
import { findFreePort } from '../../../src/database/embedded/free-port.ts';
import { prometheusApi } from '../../../src/telemetry/prometheus/api.ts';
import { HOUR, MINUTE, SECOND, sleep } from '../../../src/time.ts';
import { havePrometheus, startPrometheus } from '../../support/servers/prometheus.ts';
import { skipUnless } from '../../support/skip-unless.ts';
import { useUsageAlerts } from '../usage-alerts.ts';

const { database, clock, evaluator, addConfig, query } = useUsageAlerts();
const patiently = { timeout: 60 * SECOND, interval: 200 };

describe('a rule whose Prometheus was away', skipUnless(havePrometheus, 'needs Prometheus'), () => {
  test('is due as soon as it answers, and one that is at fault itself rests on', async () => {
    const port = await findFreePort();
    const prometheus = await startPrometheus(port, '127.0.0.1:1');
    onTestFinished(() => prometheus.stop());
    let probes = 0;
    const api = prometheusApi(`http://127.0.0.1:${port}`);
    const counted: typeof api = {
      ...api,
      query: (expression, ...others) => {
        if (expression === 'vector(1)') probes++;
        return api.query(expression, ...others);
      },
    };
    const source = createPrometheusSource(counted);
    await expect.poll(() => source.isAnswering(), { ...patiently, interval: 1_100 }).toBe(true);
    const over = {
      metric: 'prometheus',
      threshold: 5,
      groupBy: [],
      windowSeconds: 60,
      intervalSeconds: 3_600,
    };
    for (const name of ['a', 'b', 'c']) await addConfig({ ...over, name, expression: 'vector(1) * 9' }, null);
    await addConfig({ ...over, name: 'at fault', expression: 'rate(sum(up)[5m:])[1m:] > sum(x, y)' }, null);
    const by = { ...evaluator(), prometheus: source };
    const evaluateAll = async () => {
      let evaluated = 0;
      while (await evaluateDue(by, 'prometheus')) evaluated++;
      return evaluated;
    };
    const rules = () =>
      query<{ name: string; failures: number; source_away: boolean; rests: boolean }>(
        `select name, failures, source_away, next_evaluation_at > '${new Date(clock.now()).toISOString()}' as rests
         from analytics.alert_configs order by name`,
      );
    expect(await evaluateAll()).toBe(4);
    expect(await rules()).toMatchObject(
      ['a', 'at fault', 'b', 'c'].map((name) => ({
        name,
        source_away: false,
        failures: name === 'at fault' ? 1 : 0,
      })),
    );

    await prometheus.kill();
    await query(`update analytics.alert_configs set next_evaluation_at = '${new Date(clock.now()).toISOString()}'
      where name <> 'at fault'`);
    await sleep(1_100);
    probes = 0;
    const together = await Promise.all(['a', 'b', 'c'].map(() => source.isAnswering()));
    expect(together, 'rules that fail together').toEqual([false, false, false]);
    expect(probes, 'share a probe').toBe(1);
    expect(await evaluateAll()).toBe(3);
    const rest = new Date(clock.now() + 10 * MINUTE).toISOString();
    await query(`update analytics.alert_configs set next_evaluation_at = '${rest}'`);
    expect(await rules()).toMatchObject(
      ['a', 'at fault', 'b', 'c'].map((name) => ({
        name,
        source_away: name !== 'at fault',
        failures: 1,
        rests: true,
      })),
    );

    const recovery = new SourceRecovery(database.pool, source);
    expect(await recovery.look(clock.now())).toEqual({ due: 0, pause: SECOND });
    const waiting = await recovery.look(clock.now());
    expect(waiting.due).toBe(0);
    expect(waiting.pause, 'a look before the pause is over makes no probe').toBeLessThanOrEqual(SECOND);
    await sleep(SECOND);
    expect(await recovery.look(clock.now())).toEqual({ due: 0, pause: 2 * SECOND });
    prometheus.start();
    await expect.poll(async () => (await recovery.look(clock.now())).due, patiently).toBe(3);
    expect((await rules()).map(({ name, rests }) => [name, rests])).toEqual([
      ['a', false],
      ['at fault', true],
      ['b', false],
      ['c', false],
    ]);
    expect(await evaluateAll()).toBe(3);
    expect((await rules()).every(({ name, failures }) => name === 'at fault' || failures === 0)).toBe(true);
    expect(await recovery.look(clock.now() + HOUR)).toEqual({ due: 0, pause: SECOND });
  });
});
