import { describe, expect, test, vi } from 'vitest';
import { HOUR, SECOND } from '../../../src/time.ts';
import { useService } from '../../support/service/service.ts';

const CONFIGS = '/api/v1/analytics/alerts/configs';
const patiently = { timeout: 30 * SECOND, interval: 100 };

describe('a worker', () => {
  const service = useService({ ROLES: 'api,worker' });

  test('creates the built-in rules, which an admin may change', async () => {
    const { json } = await service.call(`${CONFIGS}?metric=service.failed_notices`);
    expect(json.configs).toMatchObject([
      { builtIn: 'failing_channel', orgId: null, createdBy: 'tidemark', severity: 'warning' },
    ]);
    const { id, name, metric, type } = json.configs[0];
    const body = { name, metric, type, threshold: 5, severity: 'critical' };
    const changed = await service.call(`${CONFIGS}/${id}`, { method: 'PUT', body });
    expect(changed.json).toMatchObject({ builtIn: 'failing_channel', threshold: 5, severity: 'critical' });
    expect((await service.call(CONFIGS)).json.configs).toHaveLength(8);
  });
});

describe('a worker with BUILT_IN_ALERTS=off', () => {
  const service = useService({ ROLES: 'api,worker', BUILT_IN_ALERTS: 'off' });

  test('creates no rules', async () => {
    expect((await service.call(CONFIGS)).json.configs).toEqual([]);
  });
});

describe('without a worker', () => {
  const service = useService({ ROLES: 'api' });

  test('the metrics of another process say how long rules have been due', async () => {
    const body = { name: 'x', metric: 'usage.count', type: 'threshold_above', threshold: 1 };
    expect((await service.call(CONFIGS, { body })).status).toBe(201);
    await service.database.pool.query(
      `update analytics.alert_configs set next_evaluation_at = next_evaluation_at - interval '1 hour'`,
    );
    await vi.waitFor(async () => {
      const { text } = await service.call('/metrics');
      const lag = Number(/^tidemark_alert_evaluation_lag_seconds (\S+)$/m.exec(text)?.[1]);
      expect(lag).toBeGreaterThanOrEqual(HOUR / SECOND - 1);
    }, patiently);
  });
});
