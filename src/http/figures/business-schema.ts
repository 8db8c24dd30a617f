import { Type } from 'typebox';
import { sessionStages } from '../../events/types/session.ts';
import { attentionReasons } from '../../queries/business/attention.ts';
import { numberOrNull, orNull, textOrNull } from '../fields/nullable.ts';
import { moment } from '../fields/query-parameters.ts';
import { adminFrame, ComparedNumber, comparisonFrame, GranularityShown } from './admin-query.ts';

function comparedOf(description: string) {
  return { ...ComparedNumber, description };
}

const currency = Type.String({
  description: 'ISO 4217 code. Amounts of different currencies are never added up.',
});

const takingsAbout = {
  revenueCents: 'gross less refunds and cancellations.',
  grossCents: 'completed orders.',
  refundsCents: 'refunded in this time, whenever the order was.',
  cancellationsCents: 'cancelled in this time, whenever the order was.',
};

const comparedRevenue = {
  currency,
  revenueCents: comparedOf(`Cents: ${takingsAbout.revenueCents}`),
  grossCents: comparedOf(`Cents: ${takingsAbout.grossCents}`),
  refundsCents: comparedOf(`Cents: ${takingsAbout.refundsCents}`),
  cancellationsCents: comparedOf(`Cents: ${takingsAbout.cancellationsCents}`),
};

const takings = {
  currency,
  revenueCents: Type.Number({ description: `Cents: ${takingsAbout.revenueCents}` }),
  grossCents: Type.Number({ description: `Cents: ${takingsAbout.grossCents}` }),
  refundsCents: Type.Number({ description: `Cents: ${takingsAbout.refundsCents}` }),
  cancellationsCents: Type.Number({ description: `Cents: ${takingsAbout.cancellationsCents}` }),
};

const frame = { ...adminFrame, ...comparisonFrame };

export const OverviewSchema = Type.Object({
  ...frame,
  orders: comparedOf('Completed orders, whatever their currency.'),
  refundedOrders: comparedOf('Orders refunded in this time.'),
  cancelledOrders: comparedOf('Orders cancelled in this time.'),
  unitsSold: comparedOf('Units in completed orders.'),
  unitsReturned: comparedOf('Units in refunded and cancelled orders.'),
  customers: comparedOf(
    'Different customers with a completed order; one of two orgs is two. null where it is no longer kept who ordered.',
  ),
  ordersWithoutCustomer: comparedOf(
    'Completed orders that name no customer; null where it is no longer kept who ordered.',
  ),
  byCurrency: Type.Array(
    Type.Object({
      ...comparedRevenue,
      averageOrderCents: comparedOf('Cents: gross by completed order.'),
    }),
    { description: 'The currency of most orders first.' },
  ),
});

const numbers = {
  completed: Type.Integer({ description: 'Completed orders, or lines of them: see counted.' }),
  refunded: Type.Integer(),
  cancelled: Type.Integer(),
  unitsSold: Type.Integer(),
  unitsReturned: Type.Integer(),
  byCurrency: Type.Array(Type.Object(takings)),
};
const salesSeries = Type.Array(
  Type.Object({
    bucketStart: moment('Start of the bucket.'),
    ...numbers,
    previous: Type.Optional(
      orNull(
        Type.Object({ bucketStart: moment('Start of the bucket compared with.'), ...numbers }),
        'With compare: the bucket compared with; null where there is none.',
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
  byCurrency: Type.Array(Type.Object(comparedRevenue)),
});

export const SalesSchema = Type.Object({
  ...frame,
  granularity: GranularityShown,
  totals: salesTotals,
  series: salesSeries,
  counted: Type.Enum(['orders', 'lines'] as const, {
    description:
      'What groups count: an order may have lines of several collections, categories and products.',
  }),
  groups: Type.Optional(
    Type.Array(
      Type.Object({
        name: textOrNull('The collection, category, SKU or channel; null: without a channel, or the rest.'),
        productName: Type.Optional(textOrNull('By product: as last sold.')),
        rest: Type.Boolean({ description: 'All groups beyond the limit, put together.' }),
        totals: salesTotals,
        series: salesSeries,
      }),
      { description: 'With breakdown; most revenue first.' },
    ),
  ),
});

const itemCounts = {
  views: comparedOf('Product views.'),
  addsToCart: comparedOf('Times that one was put into a cart.'),
  purchases: comparedOf('Lines of completed orders.'),
  unitsSold: comparedOf('Units in them.'),
  unitsReturned: comparedOf('Units refunded and cancelled.'),
  conversion: comparedOf('Purchases as a share of views; null without views.'),
};

export const stockStatuses = ['in_stock', 'low', 'out', 'unknown'] as const;

export const ProductsSchema = Type.Object({
  ...frame,
  total: Type.Integer({ description: 'Products that match; products is a page of them.' }),
  products: Type.Array(
    Type.Object({
      sku: Type.String(),
      name: textOrNull('As last sold; null of one never sold.'),
      collection: textOrNull('As last sold, else as last seen.'),
      category: textOrNull('As last sold.'),
      ...itemCounts,
      byCurrency: Type.Array(Type.Object(comparedRevenue)),
      stock: Type.Object(
        {
          status: Type.Enum(stockStatuses),
          quantity: orNull(Type.Integer()),
          asOf: orNull(moment('When that was said.')),
        },
        { description: 'The last that was said of it, whatever the range.' },
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
      name: textOrNull('As last sold.'),
      reasons: Type.Array(Type.Object({ reason: Type.Enum(attentionReasons), detail: Type.String() }), {
        description: 'The most urgent first.',
      }),
    }),
    { description: 'Of the products that match, at most 50, the most urgent first.' },
  ),
});

export const CollectionsSchema = Type.Object({
  ...frame,
  collections: Type.Array(
    Type.Object({
      name: Type.String(),
      products: Type.Integer({ description: 'Products that are of it, as last sold.' }),
      ...itemCounts,
      byCurrency: Type.Array(
        Type.Object({
          ...comparedRevenue,
          revenueShare: numberOrNull(
            'Of the revenue of all collections in the currency; null where that is not above 0.',
          ),
        }),
      ),
    }),
    { description: 'Most revenue first.' },
  ),
});

export const FunnelSchema = Type.Object({
  ...frame,
  basis: Type.Enum(['sessions', 'events'] as const, {
    description: 'What shares are of: sessions, or events where no session is known.',
  }),
  stages: Type.Array(
    Type.Object({
      stage: Type.Enum(sessionStages),
      sessions: comparedOf('Sessions that began in this time and reached the stage or a later one.'),
      events: comparedOf('Events of the stage, with or without a session; completed orders at the end.'),
      dropOff: comparedOf('Share of those at the stage before that did not get here; null at the first.'),
      reached: comparedOf('Share of those at the first stage that got here.'),
    }),
  ),
});
