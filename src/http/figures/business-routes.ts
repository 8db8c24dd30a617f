import type { Pool } from 'pg';
import { type TProperties, type TSchema, Type } from 'typebox';
import { answerCollections } from '../../queries/business/collections.ts';
import { answerFunnel } from '../../queries/business/funnel.ts';
import { answerBusinessOverview } from '../../queries/business/overview.ts';
import { answerProducts, productSorts } from '../../queries/business/products.ts';
import { answerSales, breakdowns } from '../../queries/business/sales.ts';
import type { Clock } from '../../time.ts';
import { orgOf } from '../shell/authenticate.ts';
import type { Server } from '../shell/typed-server.ts';
import { adminQuery, compareQuery, granularityQuery, readAdminQuestion } from './admin-query.ts';
import {
  CollectionsSchema,
  FunnelSchema,
  OverviewSchema,
  ProductsSchema,
  SalesSchema,
  stockStatuses,
} from './business-schema.ts';

const GROUPS = 10;
const MOST_GROUPS = 100;
const PRODUCTS = 50;
const MOST_PRODUCTS = 500;
const LOW_STOCK = 10;

function text(description: string) {
  return Type.String({ minLength: 1, maxLength: 200, description });
}

const salesQuery = {
  ...granularityQuery,
  breakdown: Type.Optional(Type.Enum(breakdowns, { description: 'Beside the whole, by one of these.' })),
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MOST_GROUPS,
      description: `The most groups of a breakdown, the others put together; default ${GROUPS}.`,
    }),
  ),
};

const productsQuery = {
  sort: Type.Optional(
    Type.Enum(productSorts, {
      description: 'By what; default revenue, by the currency of most orders, then the next.',
    }),
  ),
  order: Type.Optional(Type.Enum(['asc', 'desc'] as const, { description: 'Default desc.' })),
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MOST_PRODUCTS,
      description: `Products a page; default ${PRODUCTS}.`,
    }),
  ),
  offset: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 1_000_000, description: 'Products before the page; default 0.' }),
  ),
  collection: Type.Optional(text('Only products of this collection.')),
  category: Type.Optional(text('Only products of this category.')),
  stock: Type.Optional(Type.Enum(stockStatuses, { description: 'Only products whose stock stands so.' })),
  lowStock: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 1_000_000_000,
      description: `At most how many in stock are low; default ${LOW_STOCK}.`,
    }),
  ),
};

/** What a shop earns and with what: overview, sales, products, collections, funnel. */
export function registerBusinessRoutes(server: Server, { pool, clock }: { pool: Pool; clock: Clock }): void {
  const route = <Q extends TProperties, A extends TSchema>(summary: string, more: Q, answer: A) => ({
    config: { access: { capability: 'business:read', org: 'query' } as const },
    schema: {
      tags: ['Business analytics'],
      summary,
      querystring: Type.Object({ ...adminQuery, ...compareQuery, ...more }),
      response: { 200: answer },
    },
  });

  server.get(
    '/api/v1/analytics/business/overview',
    route('Revenue, orders, average order value and customers', {}, OverviewSchema),
    async (request) =>
      answerBusinessOverview(pool, readAdminQuestion(request.query, orgOf(request), clock.now())),
  );

  server.get(
    '/api/v1/analytics/business/sales',
    route('Sales over time, by collection, category, product or channel', salesQuery, SalesSchema),
    async (request) =>
      answerSales(pool, {
        ...readAdminQuestion(request.query, orgOf(request), clock.now()),
        breakdown: request.query.breakdown,
        limit: request.query.limit ?? GROUPS,
      }),
  );

  server.get(
    '/api/v1/analytics/business/products',
    route('Products: seen, bought, in stock, in need of attention', productsQuery, ProductsSchema),
    async (request) => {
      const { sort, order, limit, offset, collection, category, stock, lowStock } = request.query;
      return answerProducts(pool, {
        ...readAdminQuestion(request.query, orgOf(request), clock.now()),
        sort: sort ?? 'revenue',
        order: order ?? 'desc',
        limit: limit ?? PRODUCTS,
        offset: offset ?? 0,
        lowStock: lowStock ?? LOW_STOCK,
        ...{ collection, category, stock },
      });
    },
  );

  server.get(
    '/api/v1/analytics/business/collections',
    route('How each collection does', {}, CollectionsSchema),
    async (request) => answerCollections(pool, readAdminQuestion(request.query, orgOf(request), clock.now())),
  );

  server.get(
    '/api/v1/analytics/business/funnel',
    route('From visit to order: how far those who came got', {}, FunnelSchema),
    async (request) => answerFunnel(pool, readAdminQuestion(request.query, orgOf(request), clock.now())),
  );
}
