import { Type } from 'typebox';
import { CodedError } from '../../errors.ts';
import { type StoredPrice, writePrice } from '../../prices/price.ts';
import type { PriceTable } from '../../prices/price-table.ts';
import { readPrice } from '../../prices/read-price.ts';
import { orNull } from '../fields/nullable.ts';
import { moment } from '../fields/query-parameters.ts';
import { actorOf } from '../shell/authenticate.ts';
import type { Server } from '../shell/typed-server.ts';

const PATH = '/api/v1/analytics/ml/prices';

function name(description: string) {
  return Type.String({ minLength: 1, maxLength: 100, description });
}

function cents(what: string) {
  return Type.Number({
    minimum: 0,
    maximum: 100_000_000,
    description: `Cents, up to six decimals, ${what}.`,
  });
}

const provider = name('Whose jobs.');
const effectiveFrom = moment('For jobs that happened from here on.');
/** What a price can be without. */
const open = {
  pipeline: orNull(name('Only jobs of this pipeline.')),
  operation: orNull(name('Only jobs of this operation; needs the pipeline.')),
  effectiveTo: orNull(
    moment('Up to, and without, when; open if null. The next price of the same jobs ends it too.'),
  ),
  centsPerJob: orNull(cents('for a job')),
  centsPerSecond: orNull(cents('for a second of a job')),
  centsPerMillionInputTokens: orNull(cents('for a million tokens taken in')),
  centsPerMillionOutputTokens: orNull(cents('for a million tokens put out')),
};

const NewPrice = Type.Object(
  { provider, effectiveFrom, ...Type.Partial(Type.Object(open)).properties },
  { additionalProperties: false },
);

const PriceSchema = Type.Object({
  id: Type.Integer(),
  provider,
  effectiveFrom,
  ...open,
  changedAt: moment('When it was put here as it is.'),
  changedBy: Type.String({ description: 'Id of the actor who did.' }),
});

const Put = Type.Object({
  change: Type.Enum(['added', 'changed', 'unchanged'] as const, {
    description: 'changed: another price of the same jobs and start was there, and is no more.',
  }),
  price: PriceSchema,
});

function onTheWire(price: StoredPrice) {
  return {
    id: price.id,
    ...writePrice(price),
    changedAt: new Date(price.changedAt).toISOString(),
    changedBy: price.changedBy,
  };
}

/** Prices of ML jobs, for admins. Each change leaves a line in the audit log. */
export function registerPricesRoutes(server: Server, table: PriceTable): void {
  const config = { access: { capability: 'prices:manage', org: 'none' } } as const;
  const tags = ['ML prices'];

  server.get(
    PATH,
    {
      config,
      schema: {
        tags,
        summary: 'List the prices of ML jobs',
        description: 'By provider, pipeline and operation, and from when they hold.',
        response: { 200: Type.Object({ prices: Type.Array(PriceSchema) }) },
      },
    },
    async () => ({ prices: (await table.list()).map(onTheWire) }),
  );

  server.post(
    PATH,
    {
      config,
      schema: {
        tags,
        summary: 'Put a price into the table',
        description:
          'For jobs that do not say what they cost. A job is priced as it arrives, by the price in force when it ' +
          'happened: that of its operation, else of its pipeline, else of its provider. What was counted before ' +
          'stays as it is. Used everywhere within 2 seconds.',
        body: NewPrice,
        response: { 200: Put, 201: Put },
      },
    },
    async (request, reply) => {
      const read = readPrice(request.body, '$');
      if (Array.isArray(read)) {
        throw new CodedError('invalid_request', 'The price cannot be taken like that.', { faults: read });
      }
      const deed = { actor: actorOf(request), route: `POST ${PATH}`, requestId: request.id };
      const [put] = await table.put([read], deed);
      if (!put) throw new Error('a price was neither put nor refused');
      return reply
        .code(put.change === 'added' ? 201 : 200)
        .send({ change: put.change, price: onTheWire(put.price) });
    },
  );

  server.delete(
    `${PATH}/:priceId`,
    {
      config,
      schema: {
        tags,
        summary: 'Take a price out of the table',
        description: 'What was counted by it stays as it is.',
        params: Type.Object({ priceId: Type.Integer({ minimum: 1, maximum: 1e15 }) }),
        response: { 204: Type.Null({ description: 'The price is no longer there.' }) },
      },
    },
    async (request, reply) => {
      const deed = { actor: actorOf(request), route: `DELETE ${PATH}/:priceId`, requestId: request.id };
      await table.remove(request.params.priceId, deed);
      return reply.code(204).send(null);
    },
  );
}
