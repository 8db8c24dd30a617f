/** A caller with many slow questions, beside callers that ask and send as usual. */
import { afterAll, describe, expect, test } from 'vitest';
import { makeUsage } from '../../support/events/fixtures.ts';
import { httpLayer } from '../../support/service/http-layer.ts';
import { tokenOf, useService } from '../../support/service/service.ts';

describe('slow questions of one caller', () => {
  let running = 0;
  let mostRunning = 0;
  const done = Promise.withResolvers<void>();
  const server = httpLayer({
    actor: { id: 'unused', roles: ['admin'], orgs: [], via: 'jwt' },
    authenticator: async ({ apiKey = '' }) => ({ id: apiKey, roles: ['admin'], orgs: [apiKey], via: 'jwt' }),
    registerRoutes: (routes) => {
      const config = { access: { capability: 'usage:read', org: 'none' } } as const;
      routes.get('/slow', { config, schema: { summary: 'slow', tags: ['Test'] } }, async () => {
        mostRunning = Math.max(mostRunning, ++running);
        await done.promise;
        running--;
        return {};
      });
      routes.get('/quick', { config, schema: { summary: 'quick', tags: ['Test'] } }, async () => ({}));
    },
  });
  afterAll(() => server.close());
  const ask = async (url: string, org: string) => {
    const { statusCode } = await server.inject({ url, headers: { 'x-api-key': org } });
    return statusCode;
  };

  test('wait for each other, are refused beyond their queue, and delay nobody else', async () => {
    const refused: number[] = [];
    const attacks = Array.from({ length: 150 }, async () => {
      const status = await ask('/slow', 'attacker');
      if (status !== 200) refused.push(status);
      return status;
    });
    // Two run and a hundred wait. None of them ends before the others are answered.
    await expect.poll(() => refused.length, { timeout: 30_000 }).toBe(48);
    const others = await Promise.all(Array.from({ length: 10 }, () => ask('/quick', 'victim')));
    expect(others).toEqual(Array(10).fill(200));
    done.resolve();
    const statuses = await Promise.all(attacks);
    expect(refused).toEqual(Array(48).fill(429));
    expect(statuses.filter((status) => status === 200)).toHaveLength(102);
    expect(mostRunning).toBe(2);
  });
});

describe('while questions hold all their connections', () => {
  const service = useService({ REQUEST_TIMEOUT: '5s' });

  test('API keys are verified and events are taken', async () => {
    const key = { name: 'sender', role: 'ingest', orgs: ['victim'] };
    const { json } = await service.call('/analytics/v1/api-keys', { body: key });
    const holder = await service.database.pool.connect();
    try {
      await holder.query('begin');
      await holder.query('lock table analytics.rollups in access exclusive mode');
      const asked = ['a', 'b', 'c', 'd'].map(async (org) => {
        const token = await tokenOf(['engineer'], [org]);
        return (await service.call(`/analytics/v1/orgs/${org}/usage`, { token })).status;
      });
      await expect
        .poll(async () => {
          const { rows } = await service.database.pool.query<{ n: number }>(
            `select count(*)::int as n from pg_stat_activity
             where datname = current_database() and application_name = 'tidemark read' and wait_event_type = 'Lock'`,
          );
          return rows[0]?.n;
        })
        .toBe(4);
      const sent = await service.call('/analytics/v1/events', {
        token: json.key,
        body: makeUsage({ orgId: 'victim' }),
      });
      expect([sent.status, sent.json.stored]).toEqual([200, 1]);
      await holder.query('rollback');
      expect(await Promise.all(asked)).toEqual([200, 200, 200, 200]);
    } finally {
      holder.release();
    }
  });
});
