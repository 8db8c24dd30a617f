import { DAY } from '../../time.ts';
import type { EventType, Row } from '../event-type.ts';
import { cents, choice, integer, text } from '../field.ts';

/** As long as daily rollups, so that sales can be compared with those of the year before, in any time zone. */
export const SHOP_FINE_KEEP = 430 * DAY;

function sum(rows: readonly Row[], column: 'value' | 'quantity'): number {
  return rows.reduce((total, row) => total + Number(row[column]), 0);
}

/** One line of an order. Its value is price times quantity. */
const orderLine: EventType = {
  type: 'order_line',
  title: 'Order line',
  about: 'One line of an order, stored together with its order.',
  metricPrefix: 'order_line',
  internal: true,
  fineKeep: SHOP_FINE_KEEP,
  value: { name: 'amount', kind: 'amount' },
  failures: [],
  fields: {
    sku: text({ column: 'sku', dimension: true, about: 'Id of the product' }),
    name: text({ about: 'Name of the product' }),
    collection: text({ column: 'collection', dimension: true, about: 'Collection of the product' }),
    category: text({ column: 'category', dimension: true, about: 'Category of the product' }),
    quantity: integer({ column: 'quantity', max: 1e6, about: 'Number of items' }),
    priceCents: cents({ column: 'value', min: -1e10, about: 'Price of one item; negative for a discount' }),
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
    'An order reached a status. It counts as one order; each line counts for its product and collection.',
  metricPrefix: 'business',
  fineKeep: SHOP_FINE_KEEP,
  value: { name: 'revenue', kind: 'amount' },
  failures: [],
  fields: {
    orderId: text({ column: 'order_id', about: 'Id of the order in the shop' }),
    status: choice(['completed', 'cancelled', 'refunded'], {
      column: 'status',
      dimension: true,
      about: 'The status that the order reached',
    }),
    currency: text({
      column: 'currency',
      dimension: true,
      pattern: /^[A-Z]{3}$/,
      expected: 'a currency code of three capital letters (ISO 4217)',
      about: 'ISO 4217 code; amounts in different currencies are never added up',
    }),
    customerId: text({ column: 'customer_id', optional: true, about: 'Id of the customer' }),
    channel: text({
      column: 'channel',
      dimension: true,
      optional: true,
      maxLength: 100,
      about: 'Sales channel: web, store, …',
    }),
    sessionId: text({
      column: 'session_id',
      optional: true,
      about: 'The session that the order ends, as in storefront events',
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
