import { beforeEach, expect, test } from 'vitest';
import { useDatabase } from '../support/database/database.ts';
import type { SentEvent } from '../support/events/event-samples.ts';
import { useIngestion } from '../support/events/ingestion.ts';

const database = useDatabase();
const { store } = useIngestion(database);

beforeEach(async () => {
  await database.pool.query('truncate analytics.events, analytics.event_keys, analytics.event_conflicts');
});

function order(eventId: string, orderId: string, more: SentEvent = {}): SentEvent {
  return {
    ...{
      type: 'order',
      eventId,
      orgId: 'acme',
      occurredAt: new Date(Date.now() - 1_000).toISOString(),
      orderId,
    },
    ...{ status: 'completed', currency: 'EUR' },
    items: [{ sku: 's', name: 'n', quantity: 1, priceCents: 100 }],
    ...more,
  };
}

async function storedIds(): Promise<string[]> {
  const { rows } = await database.pool.query<{ id: string }>(
    `select org_id || ' ' || (attributes ->> 'eventId') as id from analytics.events where type = 'order' order by 1`,
  );
  return rows.map(({ id }) => id);
}

test('an order that another event has completed is a conflict, each time it is sent', async () => {
  const [first, second] = [order('e1', '1'), order('e2', '1')];
  expect(await store(first)).toMatchObject({ stored: 1, conflicts: 0 });
  for (let time = 0; time < 2; time++) {
    expect(await store(second, first)).toMatchObject({
      ...{ stored: 0, duplicates: 1, conflicts: 1 },
      errors: [{ index: 0, eventId: 'e2', code: 'conflict', detail: expect.stringContaining('orderId') }],
    });
  }
  expect(await storedIds()).toEqual(['acme e1']);
  const { rows } = await database.pool.query('select type from analytics.event_conflicts');
  expect(rows).toEqual([{ type: 'order' }, { type: 'order' }]);
});

test('of two in one submission the first in the order of ids counts, and a copy of the other is no duplicate', async () => {
  const [first, second] = [order('e1', '1'), order('e2', '1')];
  expect(await store(first, second, second)).toMatchObject({ stored: 1, duplicates: 0, conflicts: 2 });
  expect(await storedIds()).toHaveLength(1);
});

test('two at once count once', async () => {
  const outcomes = await Promise.all(['e1', 'e2', 'e3', 'e4'].map((id) => store(order(id, '1'))));
  expect(outcomes.map(({ stored }) => stored).sort()).toEqual([0, 0, 0, 1]);
});

test('another org, order or status is no conflict, nor is an order whose event was itself a conflict', async () => {
  expect(
    await store(
      order('e1', '1'),
      order('e2', '2'),
      order('e1', '1', { orgId: 'globex' }),
      order('e3', '1', { status: 'refunded' }),
      order('e4', '1', { status: 'refunded' }),
    ),
  ).toMatchObject({ stored: 5 });
  expect(await store(order('e1', '7'))).toMatchObject({ stored: 0, conflicts: 1 });
  expect(await store(order('e7', '7'))).toMatchObject({ stored: 1 });
});
