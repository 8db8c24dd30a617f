import { Type } from 'typebox';
import { CodedError } from '../../errors.ts';
import { readModelAlias, type StoredModelAlias } from '../../prices/models/model-alias.ts';
import type { ModelAliasTable } from '../../prices/models/model-alias-table.ts';
import { orNull } from '../fields/nullable.ts';
import { moment, shortText } from '../fields/texts.ts';
import { requires } from '../shell/authenticate.ts';
import { callerOf } from '../shell/caller.ts';
import type { ReplyTo, RequestTo, Server } from '../shell/typed-server.ts';

const PATH = '/api/v1/analytics/model-prices/aliases';
const config = requires('prices:manage', 'none');
const tags = ['Model prices'];

const provider = shortText(200, 'The provider that calls name; kept in lower case.');
const asProvider = shortText(200, 'The provider whose prices are used; kept in lower case.');
const models = {
  model: orNull(
    shortText(200, 'The model that calls name; null: all models without a price at their own provider.'),
  ),
  asModel: orNull(shortText(200, 'The model whose prices are used; null: that of the same name.')),
};

const AliasSchema = Type.Object({
  ...{ id: Type.Integer(), provider, asProvider, ...models },
  changedAt: moment('When it was last changed.'),
  changedBy: Type.String({ description: 'Id of the actor who last changed it.' }),
});

/** Other names of providers and models, for admins. The audit log records each change. */
export function registerModelAliasesRoutes(server: Server, table: ModelAliasTable): void {
  server.get(PATH, listRoute, () => list(table));
  server.post(PATH, putRoute, (request) => put(table, request));
  server.delete(`${PATH}/:aliasId`, removeRoute, (request, reply) => remove(table, request, reply));
}

function answerOf(alias: StoredModelAlias) {
  return { ...alias, changedAt: new Date(alias.changedAt).toISOString() };
}

const listRoute = {
  config,
  schema: {
    tags,
    summary: 'List the aliases of providers and models',
    response: { 200: Type.Object({ aliases: Type.Array(AliasSchema) }) },
  },
};

async function list(table: ModelAliasTable) {
  return { aliases: (await table.list()).map(answerOf) };
}

const putRoute = {
  config,
  schema: {
    tags,
    summary: 'Let calls of one provider or model go by the prices of another',
    description:
      'Replaces the alias of the same provider and model. Calls that are already counted keep their cost until they are repriced.',
    body: Type.Object(
      { provider, asProvider, ...Type.Partial(Type.Object(models)).properties },
      { additionalProperties: false },
    ),
    response: { 200: AliasSchema },
  },
};

async function put(table: ModelAliasTable, request: RequestTo<typeof putRoute>) {
  const read = readModelAlias(request.body, '$');
  if (Array.isArray(read))
    throw new CodedError('invalid_request', 'The alias is not valid.', { faults: read });
  return answerOf(await table.put(read, callerOf(request)));
}

const removeRoute = {
  config,
  schema: {
    tags,
    summary: 'Remove an alias',
    description: 'Calls that are already counted keep their cost until they are repriced.',
    params: Type.Object({ aliasId: Type.Integer({ minimum: 1, maximum: 1e15 }) }),
    response: { 204: Type.Null({ description: 'The alias has been removed.' }) },
  },
};

async function remove(
  table: ModelAliasTable,
  request: RequestTo<typeof removeRoute>,
  reply: ReplyTo<typeof removeRoute>,
) {
  await table.remove(request.params.aliasId, callerOf(request));
  return reply.code(204).send(null);
}
