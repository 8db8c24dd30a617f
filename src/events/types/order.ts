import { DAY } from '../../time.ts';
import type { EventType, Row } from '../event-type.ts';
import { cents, choice, integer, text } from '../field.ts';

/** As long as rollups of days: sales are compared with those of the year before, in any zone. */
export const SHOP_FINE_KEEP = 430 * DAY;

function sum(rows: readonly Row[], column: 'value' | 'quantity'): number {
  return rows.reduce((total, row) => total + Number(row[column]), 0);
}

/** One line of an order, counted for its product and collection. Its value is price times quantity. */
const orderLine: EventType = {
  type: 'order_line',
  title: 'Order line',
  about: 'One line of an order, written together with the order it belongs to.',
  metricPrefix: 'order_line',
  internal: true,
  fineKeep: SHOP_FINE_KEEP,
  value: { name: 'amount', kind: 'amount' },
  failures: [],
  fields: {
    sku: text({ column: 'sku', dimension: true, about: 'The product' }),
    name: text({ about: 'What the product is called' }),
    collection: text({ column: 'collection', dimension: true, about: 'The collection it belongs to' }),
    category: text({ column: 'category', dimension: true, about: 'The category it belongs to' }),
    quantity: integer({ column: 'quantity', max: 1e6, about: 'How many' }),
    priceCents: cents({ column: 'value', min: -1e10, about: 'Price of one; negative for a discount' }),
  },
  derivedDimensions: ['channel', 'currency', 'status'],
  derive: (row) => {
    row.value = Number(row.value) * Number(row.quantity);
  },
};

export const order: EventType = {
  type: 'order',
  title: 'Shop order',
  about:
    'An order reaching a status. It is one order; each of its lines counts for its product and collection.',
  metricPrefix: 'business',
  fineKeep: SHOP_FINE_KEEP,
  value: { name: 'revenue', kind: 'amount' },
  failures: [],
  fields: {
    orderId: text({ column: 'order_id', about: 'The order, as the shop knows it' }),
    status: choice(['completed', 'cancelled', 'refunded'], {
      column: 'status',
      dimension: true,
      about: 'The status it has reached',
    }),
    currency: text({
      column: 'currency',
      dimension: true,
      pattern: /^[A-Z]{3}$/,
      expected: 'a currency code of three capital letters (ISO 4217)',
      about: 'ISO 4217 code; amounts of different currencies are never added up',
    }),
    customerId: text({ column: 'customer_id', optional: true, about: 'Who ordered' }),
    channel: text({
      column: 'channel',
      dimension: true,
      optional: true,
      maxLength: 100,
      about: 'Where: web, store, …',
    }),
    sessionId: text({
      column: 'session_id',
      optional: true,
      about: 'The visit it ends, as in the storefront’s events',
    }),
  },
  lines: {
    field: 'items',
    type: orderLine,
    maxLines: 500,
    inherits: ['actor_id', 'order_id', 'customer_id', 'channel', 'currency', 'status'],
  },
  derive: (row, lines) => {
    row.value = sum(lines, 'value');
    row.quantity = sum(lines, 'quantity');
  },
};
