import { Type } from 'typebox';
import type { ApiKey } from '../../auth/api-key-row.ts';
import type { ApiKeys } from '../../auth/api-keys.ts';
import { roles } from '../../auth/roles.ts';
import { orNull } from '../fields/nullable.ts';
import { shortText } from '../fields/texts.ts';
import { requires } from '../shell/authenticate.ts';
import { callerOf } from '../shell/caller.ts';
import type { ReplyTo, RequestTo, Server } from '../shell/typed-server.ts';

const PATH = '/analytics/v1/api-keys';
const config = requires('keys:manage', 'none');
const tags = ['API keys'];

function dateTime(description: string) {
  return Type.String({ format: 'date-time', description });
}

const Key = Type.Object({
  id: Type.String(),
  name: Type.String(),
  role: Type.Enum(roles),
  orgs: Type.Array(Type.String()),
  createdAt: dateTime('When it was created.'),
  createdBy: Type.String({ description: 'Id of the actor who created it.' }),
  expiresAt: orNull(dateTime('When it expires; null: never.')),
  revokedAt: orNull(dateTime('When it was revoked.')),
  lastUsedAt: orNull(dateTime('When it was last sent, to the minute; null: never.')),
});

const NewKey = Type.Object(
  {
    name: shortText(100, 'The person or program that uses it.'),
    role: Type.Enum(roles),
    orgs: Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
      maxItems: 1_000,
      description: 'The orgs that it reaches; the role admin needs none.',
    }),
    expiresAt: Type.Optional(dateTime('When it expires. Default: never.')),
  },
  { additionalProperties: false },
);

interface ApiKeysOptions {
  apiKeys: ApiKeys;
}

/** API keys, for admins: created, listed, revoked. The audit log records each change. */
export function registerApiKeysRoutes(server: Server, options: ApiKeysOptions): void {
  server.post(PATH, createRoute, (request, reply) => create(options, request, reply));
  server.get(PATH, listRoute, () => list(options));
  server.delete(`${PATH}/:keyId`, revokeRoute, (request, reply) => revoke(options, request, reply));
}

function answerOf(key: ApiKey) {
  return {
    ...key,
    createdAt: key.createdAt.toISOString(),
    expiresAt: key.expiresAt?.toISOString() ?? null,
    revokedAt: key.revokedAt?.toISOString() ?? null,
    lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
  };
}

const createRoute = {
  config,
  schema: {
    tags,
    summary: 'Create an API key',
    description: 'Only this answer shows the key itself.',
    body: NewKey,
    response: {
      201: Type.Object({ ...Key.properties, key: Type.String({ description: 'Send it as X-API-Key.' }) }),
    },
  },
};

async function create(
  { apiKeys }: ApiKeysOptions,
  request: RequestTo<typeof createRoute>,
  reply: ReplyTo<typeof createRoute>,
) {
  const { expiresAt, ...rest } = request.body;
  const wanted = { ...rest, ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt) }) };
  const made = await apiKeys.create(wanted, callerOf(request));
  return reply.code(201).send({ ...answerOf(made), key: made.key });
}

const listRoute = {
  config,
  schema: {
    tags,
    summary: 'List API keys, expired and revoked ones included',
    response: { 200: Type.Object({ keys: Type.Array(Key) }) },
  },
};

async function list({ apiKeys }: ApiKeysOptions) {
  return { keys: (await apiKeys.list()).map(answerOf) };
}

const revokeRoute = {
  config,
  schema: {
    tags,
    summary: 'Revoke an API key',
    description: 'It stops working everywhere within 5 seconds.',
    params: Type.Object({ keyId: Type.String({ maxLength: 100 }) }),
    response: { 204: Type.Null({ description: 'The key has been revoked.' }) },
  },
};

async function revoke(
  { apiKeys }: ApiKeysOptions,
  request: RequestTo<typeof revokeRoute>,
  reply: ReplyTo<typeof revokeRoute>,
) {
  await apiKeys.revoke(request.params.keyId, callerOf(request));
  return reply.code(204).send(null);
}
