/** Installations may share a Redis: each finds only what its own processes stored. */
import { describe, expect, inject, test } from 'vitest';
import { rollUp } from '../../src/rollups/fold/roll-up.ts';
import { SECOND } from '../../src/time.ts';
import { useDatabase } from '../support/database/database.ts';
import { makeUsage } from '../support/events/fixtures.ts';
import { type Service, tokenOf, useService } from '../support/service/service.ts';
import { skipUnless } from '../support/skip-unless.ts';

const patience = { timeout: 60 * SECOND, interval: 50 };
const redisUrl = inject('redisUrl');
const env = { REDIS_URL: redisUrl ?? '', RATE_LIMIT_PER_MINUTE: '1000' };

describe('two installations on one Redis', skipUnless(redisUrl, 'needs Redis'), () => {
  const [one, other] = [useDatabase(), useDatabase()];
  const first = useService(env, one);
  const second = useService(env, one);
  const stranger = useService(env, other);

  /** On a busy machine Redis may not answer in time; the process then counts by itself. */
  const isUsed = (service: Service) =>
    expect
      .poll(async () => (await service.call('/metrics', { token: null })).text, patience)
      .toMatch(/^tidemark_redis_up 1$/m);

  test('each show their own dashboard', async () => {
    await Promise.all([first, second, stranger].map(isUsed));
    const order = {
      ...{ type: 'order', eventId: 'o-1', orgId: 'acme', occurredAt: new Date().toISOString(), orderId: 'o' },
      ...{ status: 'completed', currency: 'EUR' },
      items: [{ sku: 's', name: 'S', collection: 'c', category: 'k', quantity: 1, priceCents: 100 }],
    };
    expect((await first.call('/analytics/v1/events', { body: order })).json.stored).toBe(1);
    await rollUp(one.pool);
    const ask = async (service: Service) =>
      (await service.call('/api/v1/analytics/dashboard/summary?sections=business')).json;
    const made = async () => (await ask(first)).storedAt;
    await expect.poll(made, patience).not.toBeNull();
    const { storedAt } = await ask(first);
    expect((await ask(stranger)).sections.business.data.orders.value).toBe(0);
    expect(await ask(second)).toMatchObject({
      storedAt,
      sections: { business: { data: { orders: { value: 1 } } } },
    });
  });

  test('each report the freshness of their own models', async () => {
    const body = makeUsage({ orgId: 'acme', modelId: 'ours' });
    await first.call('/analytics/v1/events', { body });
    await rollUp(one.pool);
    const models = async (service: Service) =>
      (await service.call('/analytics/v1/orgs/acme/freshness')).json.entries.map(
        ({ modelId }: { modelId: string }) => modelId,
      );
    await expect.poll(() => models(first), patience).toEqual(['ours']);
    expect(await models(stranger)).toEqual([]);
  });

  test('each count the requests of their own callers', async () => {
    const left = async (service: Service, token: string) => {
      const { headers } = await service.call('/analytics/v1/orgs/acme/usage', { token });
      return Number(/;r=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1]);
    };
    const shared = async () => {
      const token = await tokenOf(['admin'], [], `caller-${Math.random()}`);
      return [await left(first, token), await left(second, token), await left(stranger, token)];
    };
    await expect.poll(shared, patience).toEqual([999, 998, 999]);
  });
});
