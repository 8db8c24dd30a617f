import { Type } from 'typebox';
import { CodedError } from '../../errors.ts';
import { type StoredPrice, writePrice } from '../../prices/price.ts';
import type { PriceTable } from '../../prices/price-table.ts';
import { readPrice } from '../../prices/read-price.ts';
import { orNull } from '../fields/nullable.ts';
import { moment, shortText } from '../fields/texts.ts';
import { requires } from '../shell/authenticate.ts';
import { callerOf } from '../shell/caller.ts';
import type { ReplyTo, RequestTo, Server } from '../shell/typed-server.ts';

const PATH = '/api/v1/analytics/ml/prices';
const config = requires('prices:manage', 'none');
const tags = ['ML prices'];

function cents(unit: string) {
  return Type.Number({
    minimum: 0,
    maximum: 100_000_000,
    description: `Cents per ${unit}, with up to six decimals.`,
  });
}

const provider = shortText(100, 'The provider of the jobs.');
const effectiveFrom = moment('The price applies to jobs that happened at this time or later.');
const optional = {
  pipeline: orNull(shortText(100, 'Only jobs of this pipeline.')),
  operation: orNull(shortText(100, 'Only jobs of this operation; needs the pipeline.')),
  effectiveTo: orNull(
    moment('The price applies before this time; null: no end. The next price of the same jobs also ends it.'),
  ),
  centsPerJob: orNull(cents('job')),
  centsPerSecond: orNull(cents('second of a job')),
  centsPerMillionInputTokens: orNull(cents('million input tokens')),
  centsPerMillionOutputTokens: orNull(cents('million output tokens')),
};

const NewPrice = Type.Object(
  { provider, effectiveFrom, ...Type.Partial(Type.Object(optional)).properties },
  { additionalProperties: false },
);

const PriceSchema = Type.Object({
  id: Type.Integer(),
  provider,
  effectiveFrom,
  ...optional,
  changedAt: moment('When it was last changed.'),
  changedBy: Type.String({ description: 'Id of the actor who last changed it.' }),
});

const PutSchema = Type.Object({
  change: Type.Enum(['added', 'changed', 'unchanged'] as const, {
    description: 'changed: it replaced the price of the same jobs and the same start.',
  }),
  price: PriceSchema,
});

/** Prices of ML jobs, for admins. The audit log records each change. */
export function registerPricesRoutes(server: Server, table: PriceTable): void {
  server.get(PATH, listRoute, () => list(table));
  server.post(PATH, putRoute, (request, reply) => put(table, request, reply));
  server.delete(`${PATH}/:priceId`, removeRoute, (request, reply) => remove(table, request, reply));
}

function answerOf(price: StoredPrice) {
  return {
    id: price.id,
    ...writePrice(price),
    changedAt: new Date(price.changedAt).toISOString(),
    changedBy: price.changedBy,
  };
}

const listRoute = {
  config,
  schema: {
    tags,
    summary: 'List the prices of ML jobs',
    description: 'By provider, pipeline, operation, and start.',
    response: { 200: Type.Object({ prices: Type.Array(PriceSchema) }) },
  },
};

async function list(table: PriceTable) {
  return { prices: (await table.list()).map(answerOf) };
}

const putRoute = {
  config,
  schema: {
    tags,
    summary: 'Set a price of ML jobs',
    description:
      'For jobs that do not report their cost. The service prices a job on arrival, by the price that applied when the job ' +
      'happened. It takes the price of the operation, else of the pipeline, else of the provider. Jobs that are already ' +
      'counted keep their price. Every process uses the new price within 2 seconds.',
    body: NewPrice,
    response: { 200: PutSchema, 201: PutSchema },
  },
};

async function put(table: PriceTable, request: RequestTo<typeof putRoute>, reply: ReplyTo<typeof putRoute>) {
  const read = readPrice(request.body, '$');
  if (Array.isArray(read))
    throw new CodedError('invalid_request', 'The price is not valid.', { faults: read });
  const [done] = await table.put([read], callerOf(request));
  if (!done) throw new Error('a price was neither put nor refused');
  return reply
    .code(done.change === 'added' ? 201 : 200)
    .send({ change: done.change, price: answerOf(done.price) });
}

const removeRoute = {
  config,
  schema: {
    tags,
    summary: 'Remove a price of ML jobs',
    description: 'Jobs that are already counted keep their price.',
    params: Type.Object({ priceId: Type.Integer({ minimum: 1, maximum: 1e15 }) }),
    response: { 204: Type.Null({ description: 'The price has been removed.' }) },
  },
};

async function remove(
  table: PriceTable,
  request: RequestTo<typeof removeRoute>,
  reply: ReplyTo<typeof removeRoute>,
) {
  await table.remove(request.params.priceId, callerOf(request));
  return reply.code(204).send(null);
}
