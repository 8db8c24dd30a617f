import { beforeEach, expect } from 'vitest';
import type { AdminQuery } from '../../../src/queries/reading/admin-query.ts';
import { rollUp } from '../../../src/rollups/fold/roll-up.ts';
import type { Clock } from '../../../src/time.ts';
import { useDatabase } from '../../support/database/database.ts';
import type { SentEvent } from '../../support/events/event-samples.ts';
import { useIngestion } from '../../support/events/ingestion.ts';

let orders = 0;

/** An order of one item by the org `acme`. */
export function order(occurredAt: string, priceCents: number, more: SentEvent = {}): SentEvent {
  return {
    eventId: `order-${orders++}`,
    orgId: 'acme',
    type: 'order',
    occurredAt,
    orderId: `o-${orders}`,
    status: 'completed',
    currency: 'EUR',
    items: [{ sku: 's', name: 'S', collection: 'c', category: 'k', quantity: 1, priceCents }],
    ...more,
  };
}

/** A database in which each test finds an empty shop. */
export function useShop(clock: Clock) {
  const database = useDatabase();
  const { store } = useIngestion(database, clock);
  beforeEach(async () => {
    await database.pool.query(
      `truncate analytics.events, analytics.event_keys, analytics.ingestion_batches, analytics.rollups, analytics.folds,
         analytics.sessions, analytics.customer_orders, analytics.products, analytics.orders, analytics.removals`,
    );
  });
  return {
    database,
    /** Stores events that are all new, and rolls them up. */
    async stored(...events: SentEvent[]): Promise<void> {
      expect(await store(...events)).toMatchObject({ stored: events.length });
      while ((await rollUp(database.pool)) > 0);
    },
    /** A question of `acme` by day. */
    question: (start: string, end: string, more: Partial<AdminQuery> = {}): AdminQuery => ({
      orgId: 'acme',
      range: { start: Date.parse(start), end: Date.parse(end) },
      granularity: 'day',
      timezone: 'UTC',
      compare: undefined,
      now: clock.now(),
      ...more,
    }),
  };
}
