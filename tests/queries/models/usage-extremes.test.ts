import { expect, test } from 'vitest';
import { promoteAll, rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { grainNamed } from '../../../src/rollups/grains.ts';
import { makeUsage } from '../../support/events/fixtures.ts';
import { useService } from '../../support/service/service.ts';

const service = useService();

function send(events: readonly object[]) {
  return service.call('/analytics/v1/events', { body: events });
}

async function usageOf(orgId: string) {
  return service.call(`/analytics/v1/orgs/${orgId}/usage`);
}

test('sums beyond any number do not block other orgs', async () => {
  const occurredAt = new Date(Date.now() - 60_000).toISOString();
  const dear = { sku: 's', name: 'n', collection: 'c', category: 'k', quantity: 1, priceCents: 1e10 };
  const orders = Array.from({ length: 1_100 }, (_, n) => ({
    type: 'order',
    eventId: `dear ${n}`,
    orgId: 'absurd',
    orderId: String(n),
    status: 'completed',
    currency: 'EUR',
    occurredAt,
    items: Array.from({ length: 90 }, () => dear),
  }));
  for (let i = 0; i < orders.length; i += 100)
    expect((await send(orders.slice(i, i + 100))).status).toBe(200);
  await send([makeUsage({ occurredAt })]);
  while ((await rollUp(service.database.pool)) > 0);
  await promoteAll(service.database.pool, grainNamed('week'));
  expect((await usageOf('acme')).json.totals.invocations).toBe(1);
});

test('sums beyond exact numbers are answered by the nearest one', async () => {
  const occurredAt = new Date(Date.now() - 60_000).toISOString();
  const dear = () => makeUsage({ orgId: 'dear', occurredAt, costEstimateCents: 1e8 });
  const sent = await send(Array.from({ length: 100 }, (_, n) => ({ ...dear(), eventId: `dear usage ${n}` })));
  expect(sent.json.stored).toBe(100);
  while ((await rollUp(service.database.pool)) > 0);
  const { status, json } = await usageOf('dear');
  expect([status, json.totals.invocations, json.totals.costEstimateCents]).toEqual([200, 100, 1e10]);
  expect(json.totals.costUsd).toBe('100000000');
});
