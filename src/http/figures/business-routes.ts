import { type TProperties, type TSchema, Type } from 'typebox';
import { answerCollections } from '../../queries/business/collections.ts';
import { answerFunnel } from '../../queries/business/funnel.ts';
import { answerBusinessOverview } from '../../queries/business/overview.ts';
import { answerProducts, productSorts } from '../../queries/business/products.ts';
import { answerSales, breakdowns } from '../../queries/business/sales.ts';
import { alsoCsv } from '../csv/csv-table.ts';
import { groupingParameter, readLabels, withLabelFilters } from '../fields/label-parameters.ts';
import { limitParameter, orderParameter } from '../fields/query-parameters.ts';
import { shortText } from '../fields/texts.ts';
import { orgOf, requires } from '../shell/authenticate.ts';
import type { RequestTo, Server } from '../shell/typed-server.ts';
import { adminQuery, compareQuery, granularityQuery, readAdminQuestion } from './admin-query.ts';
import {
  CollectionsSchema,
  FunnelSchema,
  OverviewSchema,
  ProductsSchema,
  SalesSchema,
  stockStatuses,
} from './business-schema.ts';
import type { FiguresOptions } from './figures-options.ts';

const BASE = '/api/v1/analytics/business';
const DEFAULT_GROUPS = 10;
const MAX_GROUPS = 100;
const DEFAULT_PRODUCTS = 50;
const MAX_PRODUCTS = 500;
const DEFAULT_LOW_STOCK = 10;

/** What a shop sells and earns: overview, sales, products, collections, funnel. */
export function registerBusinessRoutes(server: Server, options: FiguresOptions): void {
  server.get(`${BASE}/overview`, overviewRoute, (request) => overview(options, request));
  server.get(`${BASE}/sales`, salesRoute, (request) => sales(options, request));
  server.get(`${BASE}/products`, productsRoute, (request) => products(options, request));
  server.get(`${BASE}/collections`, collectionsRoute, (request) => collections(options, request));
  server.get(`${BASE}/funnel`, funnelRoute, (request) => funnel(options, request));
}

function businessRoute<Q extends TProperties, A extends TSchema>(summary: string, more: Q, answer: A) {
  const querystring = Type.Object({ ...adminQuery, ...compareQuery, ...more });
  return {
    config: requires('business:read', 'query'),
    schema: { tags: ['Business analytics'], summary, querystring, response: { 200: answer } },
  };
}

/** A route about orders alone, which have labels. Visits and stock have none. */
function ordersRoute<Q extends TProperties, A extends TSchema>(summary: string, more: Q, answer: A) {
  const route = businessRoute(summary, more, answer);
  const querystring = withLabelFilters({ ...adminQuery, ...compareQuery, ...more });
  return { ...route, schema: { ...route.schema, querystring } };
}

const overviewRoute = alsoCsv(
  ordersRoute('Revenue, orders, average order value and customers', {}, OverviewSchema),
  { overview: { expand: 'byCurrency' } },
);

async function overview({ pool, clock }: FiguresOptions, request: RequestTo<typeof overviewRoute>) {
  const orgId = orgOf(request);
  const question = readAdminQuestion(request.query, orgId, clock.now());
  return answerBusinessOverview(pool, { ...question, ...(await readLabels(pool, orgId, request.query)) });
}

const salesRoute = alsoCsv(
  ordersRoute(
    'Sales over time, by collection, category, product, channel or label',
    {
      ...granularityQuery,
      breakdown: groupingParameter(
        breakdowns,
        'Also cut the totals and the series into groups by this: collection, category, product, channel, or a label.',
      ),
      limit: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: MAX_GROUPS,
          description: `The most groups of a breakdown; the others are one group. Default ${DEFAULT_GROUPS}.`,
        }),
      ),
    },
    SalesSchema,
  ),
  {
    series: { rows: 'series', expand: 'byCurrency' },
    totals: { rows: 'totals', expand: 'byCurrency' },
    groups: { rows: 'groups', omit: ['series'], lift: 'totals', expand: 'byCurrency' },
  },
);

async function sales({ pool, clock }: FiguresOptions, request: RequestTo<typeof salesRoute>) {
  const { breakdown, limit = DEFAULT_GROUPS } = request.query;
  const orgId = orgOf(request);
  const question = readAdminQuestion(request.query, orgId, clock.now());
  const labels = await readLabels(pool, orgId, request.query);
  return answerSales(pool, { ...question, ...labels, breakdown, limit });
}

const productsRoute = alsoCsv(
  businessRoute(
    'Products: views, sales, stock, and what needs attention',
    {
      sort: Type.Optional(
        Type.Enum(productSorts, {
          description: 'Default revenue: first in the currency with the most orders, then in the others.',
        }),
      ),
      order: orderParameter('Default desc.'),
      limit: limitParameter(MAX_PRODUCTS, DEFAULT_PRODUCTS, 'Products'),
      offset: Type.Optional(
        Type.Integer({ minimum: 0, maximum: 1_000_000, description: 'Products to skip. Default 0.' }),
      ),
      collection: Type.Optional(shortText(200, 'Only products of this collection.')),
      category: Type.Optional(shortText(200, 'Only products of this category.')),
      stock: Type.Optional(
        Type.Enum(stockStatuses, { description: 'Only products with this stock status.' }),
      ),
      lowStock: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: 1_000_000_000,
          description: `Stock of so many units or fewer is low. Default ${DEFAULT_LOW_STOCK}.`,
        }),
      ),
    },
    ProductsSchema,
  ),
  {
    products: { rows: 'products', expand: 'byCurrency', total: 'total' },
    needsAttention: { rows: 'needsAttention' },
  },
);

async function products({ pool, clock }: FiguresOptions, request: RequestTo<typeof productsRoute>) {
  const { sort, order, limit, offset, collection, category, stock, lowStock } = request.query;
  return answerProducts(pool, {
    ...readAdminQuestion(request.query, orgOf(request), clock.now()),
    sort: sort ?? 'revenue',
    order: order ?? 'desc',
    limit: limit ?? DEFAULT_PRODUCTS,
    offset: offset ?? 0,
    lowStock: lowStock ?? DEFAULT_LOW_STOCK,
    ...{ collection, category, stock },
  });
}

const collectionsRoute = alsoCsv(businessRoute('Sales and views of each collection', {}, CollectionsSchema), {
  collections: { rows: 'collections', expand: 'byCurrency' },
});

async function collections({ pool, clock }: FiguresOptions, request: RequestTo<typeof collectionsRoute>) {
  return answerCollections(pool, readAdminQuestion(request.query, orgOf(request), clock.now()));
}

const funnelRoute = alsoCsv(
  businessRoute('Funnel from visit to order: how far sessions got', {}, FunnelSchema),
  { stages: { rows: 'stages' } },
);

async function funnel({ pool, clock }: FiguresOptions, request: RequestTo<typeof funnelRoute>) {
  return answerFunnel(pool, readAdminQuestion(request.query, orgOf(request), clock.now()));
}
