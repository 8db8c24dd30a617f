import { DAY } from '../../time.ts';
import type { EventType, Row } from '../event-type.ts';
import { cents, choice, type Field, Refusal, text } from '../field.ts';
import type { JsonObject } from '../json-object.ts';
import { labels } from '../labels.ts';
import { binOf } from '../sketch-bin.ts';
import { currencyField } from './currency.ts';
import { faultOfDiscounts, settleDiscounts } from './discounts.ts';

/** As long as daily rollups, so that sales can be compared with those of the year before, in any time zone. */
export const SHOP_FINE_KEEP = 430 * DAY;

function sum(rows: readonly Row[], column: 'value' | 'quantity'): number {
  return rows.reduce((total, row) => total + Number(row[column]), 0);
}

const QUANTITY_DECIMALS = 1_000;
const MAX_QUANTITY = 1e6;
const quantityRefusal = new Refusal(`a number from 0 to ${MAX_QUANTITY}, with at most 3 decimals`);

/** A number of items, or a weight or length such as 0.5 (kg). */
const quantity: Field = {
  column: 'quantity',
  about:
    'Number of items, or a weight or length such as 0.5 (kg). Units are whole: 0.5 counts as 1 unit, 2.2 as 3',
  read: (value) =>
    typeof value === 'number' &&
    value >= 0 &&
    value <= MAX_QUANTITY &&
    Math.round(value * QUANTITY_DECIMALS) / QUANTITY_DECIMALS === value
      ? value
      : quantityRefusal,
  jsonSchema: { type: 'number', minimum: 0, maximum: MAX_QUANTITY },
};

/** The price of a quantity that is no whole number, rounded to a ten-thousandth of a cent. */
function priceOf(price: number, sold: number): number {
  const thousandths = BigInt(Math.abs(price)) * BigInt(Math.round(sold * QUANTITY_DECIMALS));
  const rounded = (thousandths + BigInt(QUANTITY_DECIMALS / 2)) / BigInt(QUANTITY_DECIMALS);
  return Math.sign(price) * Number(rounded);
}

/** The amount is price times quantity. The column of units holds whole numbers, so `attributes` keeps another quantity. */
function deriveLine(row: Row): void {
  const [price, sold] = [Number(row.value), Number(row.quantity)];
  row.value = Number.isInteger(sold) ? price * sold : priceOf(price, sold);
  if (Number.isInteger(sold)) return;
  const attributes = JSON.parse(String(row.attributes ?? '{}')) as JsonObject;
  row.attributes = JSON.stringify({ ...attributes, quantity: sold });
  row.quantity = Math.ceil(sold);
}

/** One line of an order. Its value is price times quantity, less its part of the order's discounts. */
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
    collection: text({
      column: 'collection',
      dimension: true,
      optional: true,
      about: 'Collection of the product; for one in several, the collection that the sale counts for',
    }),
    category: text({
      column: 'category',
      dimension: true,
      optional: true,
      about: 'Category of the product',
    }),
    quantity,
    priceCents: cents({
      column: 'value',
      derivedName: 'amountCents',
      min: -1e10,
      about:
        'Price of one item in the minor unit of the currency. A line with a negative price is a discount: it lowers the ' +
        'other lines and is no product',
    }),
    appliesTo: text({
      optional: true,
      about: 'Of a discount: the SKU whose lines it lowers. Without it, it lowers all lines in proportion',
    }),
  },
  derivedDimensions: ['channel', 'currency', 'status'],
  derive: deriveLine,
};

/** The rows of an order to store: after discounts, and with the bin of its value for percentiles. */
function settleOrder(rows: readonly Row[]): readonly Row[] {
  const [head, ...lines] = settleDiscounts(rows);
  return head ? [{ ...head, value_bin: binOf(Number(head.value)) }, ...lines] : rows;
}

export const order: EventType = {
  type: 'order',
  title: 'Shop order',
  about:
    'An order reached a status. It counts as one order; each line counts for its product and collection. Send an order as ' +
    'completed once: a second completed event of the same orderId is a conflict and does not count. A refund or ' +
    'cancellation carries positive amounts, those that it gives back: as items, or as amountCents when it is known of no ' +
    'product. Together they lower an order to 0 at most; more is shown as overRefundedCents.',
  metricPrefix: 'business',
  fineKeep: SHOP_FINE_KEEP,
  value: { name: 'revenue', kind: 'amount', sketched: true },
  failures: [],
  fields: {
    orderId: text({ column: 'order_id', about: 'Id of the order in the shop' }),
    status: choice(['completed', 'cancelled', 'refunded'], {
      column: 'status',
      dimension: true,
      about: 'The status that the order reached',
    }),
    currency: currencyField,
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
    amountCents: cents({
      column: 'value',
      optional: true,
      about: 'The whole amount, in place of items: a refund of a part that belongs to no product',
    }),
    taxCents: cents({ optional: true, about: 'Tax; kept with the order and not part of its revenue' }),
    shippingCents: cents({
      optional: true,
      about: 'Shipping; kept with the order and not part of its revenue',
    }),
    labels,
  },
  lines: {
    field: 'items',
    type: orderLine,
    maxLines: 500,
    unless: 'amountCents',
    inherits: ['actor_id', 'order_id', 'customer_id', 'channel', 'currency', 'status', 'labels'],
  },
  check: (_row, lines) => faultOfDiscounts(lines),
  settle: settleOrder,
  once: (row) => (row.status === 'completed' ? `order completed\0${row.order_id}` : undefined),
  derive: (row, lines) => {
    if (lines.length === 0) return;
    row.value = sum(lines, 'value');
    row.quantity = sum(lines, 'quantity');
  },
};
