import { Type } from 'typebox';
import { CodedError } from '../../errors.ts';
import { type StoredModelPrice, tokenRates, writeModelPrice } from '../../prices/models/model-price.ts';
import {
  type ModelPricePlace,
  type ModelPriceTable,
  modelPricePlace,
} from '../../prices/models/model-price-table.ts';
import { readModelPrice } from '../../prices/models/read-model-price.ts';
import { orNull } from '../fields/nullable.ts';
import { nextCursor, readTextCursor, textCursorOf } from '../fields/page-cursor.ts';
import { limitParameter, refuseParameter } from '../fields/query-parameters.ts';
import { readPage } from '../fields/read-page.ts';
import { isIsoTime, moment, shortText } from '../fields/texts.ts';
import { requires } from '../shell/authenticate.ts';
import { callerOf } from '../shell/caller.ts';
import type { ReplyTo, RequestTo, Server } from '../shell/typed-server.ts';

const PATH = '/api/v1/analytics/model-prices';
const config = requires('prices:manage', 'none');
const tags = ['Model prices'];
const DEFAULT_LIMIT = 500;

function dollars(unit: string) {
  return Type.Number({
    minimum: 0,
    maximum: 1_000_000,
    description: `Dollars per ${unit}, with up to nine decimals.`,
  });
}

const rates = Object.fromEntries(
  tokenRates.map((rate) => [
    rate,
    orNull(
      dollars(
        rate
          .replace('usdPerMillion', 'million ')
          .replace(/([a-z])([A-Z])/g, '$1 $2')
          .toLowerCase(),
      ),
    ),
  ]),
) as Record<(typeof tokenRates)[number], ReturnType<typeof orNull<ReturnType<typeof dollars>>>>;

const provider = shortText(200, 'The provider of the model; kept in lower case.');
const model = shortText(
  200,
  'The model, as the provider names it. A price is also for the names of the same model with another date, revision or region.',
);
const effectiveFrom = moment('The price applies to calls that happened at this time or later.');
const optional = {
  serviceTier: orNull(
    shortText(200, 'Only calls of this service tier; null: those that have no price of their own.'),
  ),
  effectiveTo: orNull(
    moment(
      'The price applies before this time; null: no end. The next price of the same calls also ends it.',
    ),
  ),
  ...rates,
  usdPerCall: orNull(dollars('call, beside its tokens')),
  usdPerSecond: orNull(dollars('second of a call, from its latencyMs')),
  usdPerImage: orNull(dollars('image of a call, from its images')),
};
const aboveInputTokens = Type.Integer({
  minimum: 1,
  maximum: 1_000_000_000,
  description: 'The rates hold for a whole call whose prompt has more tokens than this.',
});

const NewPrice = Type.Object(
  {
    ...{ provider, model, effectiveFrom },
    ...Type.Partial(Type.Object(optional)).properties,
    tiers: Type.Optional(
      Type.Array(
        Type.Object(
          { aboveInputTokens, ...Type.Partial(Type.Object(rates)).properties },
          { additionalProperties: false },
        ),
        { maxItems: 10 },
      ),
    ),
  },
  { additionalProperties: false },
);

const PriceSchema = Type.Object({
  id: Type.Integer(),
  ...{ provider, model, effectiveFrom, ...optional },
  tiers: Type.Array(Type.Object({ aboveInputTokens, ...rates })),
  changedAt: moment('When it was last changed.'),
  changedBy: Type.String({ description: 'Id of the actor who last changed it.' }),
});

const PutSchema = Type.Object({
  change: Type.Enum(['added', 'changed', 'unchanged'] as const, {
    description: 'changed: it replaced the price of the same calls and the same start.',
  }),
  price: PriceSchema,
});

/** Prices of model calls, for admins. The audit log records each change. */
export function registerModelPricesRoutes(server: Server, table: ModelPriceTable): void {
  server.get(PATH, listRoute, (request) => list(table, request));
  server.post(PATH, putRoute, (request, reply) => put(table, request, reply));
  server.delete(`${PATH}/:priceId`, removeRoute, (request, reply) => remove(table, request, reply));
}

function answerOf({ id, changedAt, changedBy, ...price }: StoredModelPrice) {
  return { id, ...writeModelPrice(price), changedAt: new Date(changedAt).toISOString(), changedBy };
}

const listRoute = {
  config,
  schema: {
    tags,
    summary: 'List the prices of model calls',
    description: 'By provider, model, service tier, and start.',
    querystring: Type.Object({
      provider: Type.Optional(shortText(200, 'Only prices of this provider.')),
      model: Type.Optional(shortText(200, 'Only prices of this model, spelt as in the price.')),
      limit: limitParameter(2_000, DEFAULT_LIMIT, 'Prices'),
      // A cursor of its own length: it holds two names of up to 200 characters, each of them up to six bytes in it.
      after: Type.Optional(
        Type.String({
          maxLength: 6_000,
          description: '`next` of the previous page. Without it: the first page.',
        }),
      ),
    }),
    response: { 200: Type.Object({ prices: Type.Array(PriceSchema), next: nextCursor }) },
  },
};

async function list(table: ModelPriceTable, { query }: RequestTo<typeof listRoute>) {
  const { provider: ofProvider, model: ofModel, limit = DEFAULT_LIMIT, after } = query;
  const wanted = {
    ...{ provider: ofProvider?.toLowerCase(), model: ofModel },
    after: after === undefined ? undefined : readPlace(after),
  };
  const { rows, next } = await readPage(
    limit,
    (most) => table.page({ ...wanted, limit: most }),
    (last) => textCursorOf(JSON.stringify(modelPricePlace(last))),
  );
  return { prices: rows.map(answerOf), next };
}

function readPlace(after: string): ModelPricePlace {
  const text = readTextCursor(after);
  let place: unknown;
  try {
    place = JSON.parse(text);
  } catch {
    place = undefined;
  }
  if (Array.isArray(place) && place.length === 4 && place.every((part) => typeof part === 'string')) {
    const [provider = '', model = '', tier = '', from = ''] = place as string[];
    if (isIsoTime(from) && !text.includes('\\u0000')) return [provider, model, tier, from];
  }
  throw refuseParameter('after', 'must be `next` of the previous page; leave it out for the first page');
}

const putRoute = {
  config,
  schema: {
    tags,
    summary: 'Set a price of model calls',
    description:
      'For calls that do not report their cost. The service prices a call on arrival, by the price that applied when the ' +
      'call happened. Calls that are already counted keep their price. Every process uses the new price within 2 seconds.',
    body: NewPrice,
    response: { 200: PutSchema, 201: PutSchema },
  },
};

async function put(
  table: ModelPriceTable,
  request: RequestTo<typeof putRoute>,
  reply: ReplyTo<typeof putRoute>,
) {
  const read = readModelPrice(request.body, '$');
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
    summary: 'Remove a price of model calls',
    description: 'Calls that are already counted keep their price.',
    params: Type.Object({ priceId: Type.Integer({ minimum: 1, maximum: 1e15 }) }),
    response: { 204: Type.Null({ description: 'The price has been removed.' }) },
  },
};

async function remove(
  table: ModelPriceTable,
  request: RequestTo<typeof removeRoute>,
  reply: ReplyTo<typeof removeRoute>,
) {
  await table.remove(request.params.priceId, callerOf(request));
  return reply.code(204).send(null);
}
