import { expect, test } from 'vitest';
import { answerFunnel } from '../../../src/queries/business/funnel.ts';
import type { AdminQuery } from '../../../src/queries/reading/admin-query.ts';
import { rollUp } from '../../../src/rollups/fold/roll-up.ts';
import { useDatabase } from '../../support/database/database.ts';
import type { SentEvent } from '../../support/events/event-samples.ts';
import { useIngestion } from '../../support/events/ingestion.ts';

const database = useDatabase();
const now = Date.UTC(2028, 2, 5, 12);
const { store } = useIngestion(database, { now: () => now });
let made = 0;

function step(stage: string, n: number, more: Partial<SentEvent> = {}): SentEvent[] {
  return Array.from({ length: n }, () => ({
    ...{ eventId: `step-${made++}`, type: 'storefront', occurredAt: '2028-03-01T10:00:00Z', stage },
    ...more,
  }));
}

function order(more: Partial<SentEvent> = {}): SentEvent {
  const item = { sku: 's', name: 'S', collection: 'c', category: 'k', quantity: 1, priceCents: 1 };
  return {
    ...{
      eventId: `order-${made++}`,
      type: 'order',
      occurredAt: '2028-03-01T11:00:00Z',
      orderId: `o-${made}`,
    },
    ...{ status: 'completed', currency: 'EUR', items: [item], ...more },
  };
}

/** Stores events of an org of their own, and reads its funnel on 1 March. */
async function funnelOf(events: readonly SentEvent[], compare?: AdminQuery['compare']) {
  const orgId = `org-${made++}`;
  const own = events.map((event) => ({ ...event, orgId }));
  expect(await store(...own)).toMatchObject({ stored: events.length });
  while ((await rollUp(database.pool)) > 0);
  return answerFunnel(database.pool, {
    ...{ orgId, granularity: undefined, timezone: 'UTC', compare, now },
    range: { start: Date.UTC(2028, 2, 1), end: Date.UTC(2028, 2, 2) },
  });
}

test('one session among a hundred visits does not stand for the others', async () => {
  const inSession = { sessionId: 's' };
  const { basis, sessionCoverage, stages } = await funnelOf([
    ...step('visit', 99),
    ...step('visit', 1, inSession),
    order(inSession),
  ]);
  expect({ basis, sessionCoverage }).toEqual({ basis: 'events', sessionCoverage: 0.01 });
  expect(stages.at(-1)).toMatchObject({ sessions: { value: 1 }, reached: { value: 0.01 } });
});

test('a share is null, with the reason, where a stage has more events than an earlier one', async () => {
  const { basis, stages } = await funnelOf([
    ...step('visit', 2),
    ...step('add_to_cart', 3),
    ...step('checkout', 1),
    order(),
    order(),
  ]);
  expect(basis).toBe('events');
  expect(stages.map(({ dropOff, reached }) => [dropOff.value, reached.value])).toEqual([
    [null, 1],
    [null, null],
    [0.6667, 0.5],
    [null, 1],
  ]);
  expect(stages.map(({ notTold }) => notTold)).toEqual([
    undefined,
    'cart has more events (3) than visit (2); send sessionId to count sessions',
    undefined,
    'complete has more events (2) than checkout (1); send sessionId to count sessions',
  ]);
});

test('sessions are not compared with a time in which visits had none', async () => {
  const earlier = { occurredAt: '2028-02-29T10:00:00Z' };
  const { basis, stages } = await funnelOf(
    [
      ...step('visit', 9, earlier),
      ...step('visit', 1, { ...earlier, sessionId: 'old' }),
      ...step('visit', 2, { sessionId: 'new' }),
    ],
    'previous',
  );
  expect(basis).toBe('sessions');
  expect(stages[0]).toMatchObject({
    events: { value: 2, previous: 10 },
    reached: { value: 1, previous: null },
  });
});

test('without sessions a funnel counts events, and says so', async () => {
  const { basis, sessionCoverage, stages } = await funnelOf([
    ...step('visit', 8),
    ...step('add_to_cart', 4),
    ...step('checkout', 1),
    order(),
  ]);
  expect({ basis, sessionCoverage }).toEqual({ basis: 'events', sessionCoverage: 0 });
  expect(stages.map(({ events, dropOff, reached }) => [events.value, dropOff.value, reached.value])).toEqual([
    [8, null, 1],
    [4, 0.5, 0.5],
    [1, 0.75, 0.125],
    [1, 0, 0.125],
  ]);
});
