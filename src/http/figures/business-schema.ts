import { Type } from 'typebox';
import { sessionStages } from '../../events/types/session.ts';
import { attentionReasons } from '../../queries/business/attention.ts';
import { orderValueNames } from '../../queries/business/order-values.ts';
import { numberOrNull, orNull, textOrNull } from '../fields/nullable.ts';
import { moment } from '../fields/texts.ts';
import {
  adminFrame,
  ComparedNumber,
  comparedNumber,
  comparisonFrame,
  GranularityShown,
  partialField,
} from './admin-answer.ts';

const currency = Type.String({
  description: 'ISO 4217 code. Amounts of different currencies are never added.',
});

const descriptions = {
  revenueCents:
    'Gross minus refunds and cancellations, plus overRefundedCents: no order counts less than 0. In the minor unit of the currency.',
  grossCents: 'The amount of completed orders.',
  refundsCents: 'Refunded in this time, for orders of any time.',
  cancellationsCents: 'Cancelled in this time, for orders of any time.',
  overRefundedCents:
    'Given back by refunds and cancellations beyond what was paid for their orders. It is known of whole orders: 0 in figures ' +
    'of products, collections, categories, channels and labels.',
};

const minorUnitDecimals = Type.Integer({
  description:
    'Decimals of the minor unit of the currency (ISO 4217), which all amounts are in: 2 for EUR (cents), 0 for JPY (yen), 3 for KWD.',
});

const comparedAmounts = {
  currency,
  minorUnitDecimals,
  revenueCents: comparedNumber(descriptions.revenueCents),
  grossCents: comparedNumber(descriptions.grossCents),
  refundsCents: comparedNumber(descriptions.refundsCents),
  cancellationsCents: comparedNumber(descriptions.cancellationsCents),
  overRefundedCents: comparedNumber(descriptions.overRefundedCents),
};

const amounts = {
  currency,
  minorUnitDecimals,
  revenueCents: Type.Number({ description: descriptions.revenueCents }),
  grossCents: Type.Number({ description: descriptions.grossCents }),
  refundsCents: Type.Number({ description: descriptions.refundsCents }),
  cancellationsCents: Type.Number({ description: descriptions.cancellationsCents }),
  overRefundedCents: Type.Number({ description: descriptions.overRefundedCents }),
};

const percentile =
  'Percentile, within 1 %; null if an order of the range has no sketch, as those of earlier versions.';
const orderValueDescriptions = {
  min: 'The smallest order.',
  max: 'The largest order.',
  p50: percentile,
  p95: percentile,
  p99: percentile,
};

const frame = { ...adminFrame, ...comparisonFrame };

export const OverviewSchema = Type.Object({
  ...frame,
  orders: comparedNumber('Completed orders in all currencies.'),
  refundedOrders: comparedNumber('Orders refunded in this time.'),
  cancelledOrders: comparedNumber('Orders cancelled in this time.'),
  overRefunds: comparedNumber(
    'Refunds and cancellations of more than was left of their orders; null of some labels.',
  ),
  unitsSold: comparedNumber('Units in completed orders.'),
  unitsReturned: comparedNumber('Units in refunded and cancelled orders.'),
  customers: comparedNumber(
    'Distinct customers with a completed order; a customer of two orgs counts twice. null once customer ids are no longer kept, and of some labels.',
  ),
  ordersWithoutCustomer: comparedNumber(
    'Completed orders without a customer id; null once customer ids are no longer kept, and of some labels.',
  ),
  byCurrency: Type.Array(
    Type.Object({
      ...comparedAmounts,
      averageOrderCents: comparedNumber('Gross divided by completed orders, in the minor unit.'),
      orderValueCents: Type.Object(
        Object.fromEntries(
          orderValueNames.map((name) => [name, comparedNumber(orderValueDescriptions[name])]),
        ) as Record<(typeof orderValueNames)[number], ReturnType<typeof comparedNumber>>,
        { description: 'The values of completed orders, in the minor unit.' },
      ),
    }),
    { description: 'The currency with the most orders first.' },
  ),
});

const numbers = {
  completed: Type.Integer({ description: 'Completed orders, or their lines: see `counted`.' }),
  refunded: Type.Integer(),
  cancelled: Type.Integer(),
  unitsSold: Type.Integer(),
  unitsReturned: Type.Integer(),
  byCurrency: Type.Array(Type.Object(amounts)),
};
const salesSeries = Type.Array(
  Type.Object({
    bucketStart: moment('Start of the bucket.'),
    ...partialField,
    ...numbers,
    previous: Type.Optional(
      orNull(
        Type.Object({ bucketStart: moment('Start of the bucket compared with.'), ...numbers }),
        'With `compare`: the bucket compared with; null if there is none.',
      ),
    ),
  }),
);
const salesTotals = Type.Object({
  completed: ComparedNumber,
  refunded: ComparedNumber,
  cancelled: ComparedNumber,
  unitsSold: ComparedNumber,
  unitsReturned: ComparedNumber,
  byCurrency: Type.Array(Type.Object(comparedAmounts)),
});

export const SalesSchema = Type.Object({
  ...frame,
  granularity: GranularityShown,
  totals: salesTotals,
  series: salesSeries,
  counted: Type.Enum(['orders', 'lines'] as const, {
    description: 'orders, or lines: an order can have lines of several collections, categories and products.',
  }),
  groups: Type.Optional(
    Type.Array(
      Type.Object({
        name: textOrNull(
          'The collection, category, SKU, channel or value of the label; null: orders without one, or the rest.',
        ),
        productName: Type.Optional(textOrNull('With breakdown by product: the name at the last sale.')),
        rest: Type.Boolean({ description: 'true: all groups beyond the limit together.' }),
        totals: salesTotals,
        series: salesSeries,
      }),
      { description: 'With `breakdown`: the group with the most revenue first.' },
    ),
  ),
});

const itemCounts = {
  views: comparedNumber('Product views.'),
  addsToCart: comparedNumber('Times that it was added to a cart.'),
  purchases: comparedNumber('Lines of completed orders.'),
  unitsSold: comparedNumber('Units in those lines.'),
  unitsReturned: comparedNumber('Units refunded and cancelled.'),
  conversion: comparedNumber('Purchases as a share of views; null without views.'),
};

export const stockStatuses = ['in_stock', 'low', 'out', 'unknown'] as const;

export const ProductsSchema = Type.Object({
  ...frame,
  total: Type.Integer({ description: 'Products that match; `products` is a page of them.' }),
  products: Type.Array(
    Type.Object({
      sku: Type.String(),
      name: textOrNull('The name at the last sale; null if it was never sold.'),
      collection: textOrNull('At the last sale, else at the last view.'),
      category: textOrNull('At the last sale.'),
      ...itemCounts,
      byCurrency: Type.Array(Type.Object(comparedAmounts)),
      stock: Type.Object(
        {
          status: Type.Enum(stockStatuses),
          quantity: orNull(Type.Integer()),
          asOf: orNull(moment('When that was reported.')),
        },
        { description: 'The last report of the stock, independent of the range.' },
      ),
    }),
  ),
  inventory: Type.Object(
    { in_stock: Type.Integer(), low: Type.Integer(), out: Type.Integer(), unknown: Type.Integer() },
    { description: 'Products that match, by stock.' },
  ),
  needsAttention: Type.Array(
    Type.Object({
      sku: Type.String(),
      name: textOrNull('The name at the last sale.'),
      reasons: Type.Array(Type.Object({ reason: Type.Enum(attentionReasons), detail: Type.String() }), {
        description: 'The most urgent first.',
      }),
    }),
    { description: 'At most 50 of the products that match, the most urgent first.' },
  ),
});

export const CollectionsSchema = Type.Object({
  ...frame,
  collections: Type.Array(
    Type.Object({
      name: Type.String(),
      products: Type.Integer({ description: 'Products that belonged to it at their last sale.' }),
      ...itemCounts,
      byCurrency: Type.Array(
        Type.Object({
          ...comparedAmounts,
          revenueShare: numberOrNull(
            'Share of what the collections with a revenue above 0 earned in the currency, from 0 to 1; null if none did.',
          ),
        }),
      ),
    }),
    { description: 'The collection with the most revenue first.' },
  ),
});

export const FunnelSchema = Type.Object({
  ...frame,
  basis: Type.Enum(['sessions', 'events'] as const, {
    description:
      'What shares are computed from: sessions, or events if there are fewer than half as many sessions as visits.',
  }),
  sessionCoverage: numberOrNull(
    'Sessions as a share of visits, at most 1; null without visits. It estimates the share of events that have a session: ' +
      'several visits of one session lower it.',
  ),
  stages: Type.Array(
    Type.Object({
      stage: Type.Enum(sessionStages),
      sessions: comparedNumber('Sessions that began in this time and reached this stage or a later one.'),
      events: comparedNumber(
        'Events of the stage, with or without a session; completed orders for the last stage.',
      ),
      dropOff: comparedNumber(
        'Share of the previous stage that did not reach this one; null for the first stage, and where it cannot be told.',
      ),
      reached: comparedNumber(
        'Share of the first stage that reached this one; null where it cannot be told.',
      ),
      notTold: Type.Optional(Type.String({ description: 'Why a share of this stage cannot be told.' })),
    }),
  ),
});
