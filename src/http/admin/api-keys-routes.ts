import { Type } from 'typebox';
import type { ApiKey } from '../../auth/api-key-row.ts';
import type { ApiKeys } from '../../auth/api-keys.ts';
import { roles } from '../../auth/roles.ts';
import { orNull } from '../fields/nullable.ts';
import { actorOf } from '../shell/authenticate.ts';
import type { Server } from '../shell/typed-server.ts';

function time(description: string) {
  return Type.String({ format: 'date-time', description });
}

const Key = Type.Object({
  id: Type.String(),
  name: Type.String(),
  role: Type.Enum(roles),
  orgs: Type.Array(Type.String()),
  createdAt: time('When it was made.'),
  createdBy: Type.String({ description: 'Id of the actor who made it.' }),
  expiresAt: orNull(time('When it ends by itself.')),
  revokedAt: orNull(time('When it was ended.')),
});

const NewKey = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100, description: 'Who or what uses it.' }),
    role: Type.Enum(roles),
    orgs: Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
      maxItems: 1_000,
      description: 'The orgs it is for; the admin role needs none.',
    }),
    expiresAt: Type.Optional(time('When it ends by itself; never, if absent.')),
  },
  { additionalProperties: false },
);

function onTheWire(key: ApiKey) {
  return {
    ...key,
    createdAt: key.createdAt.toISOString(),
    expiresAt: key.expiresAt?.toISOString() ?? null,
    revokedAt: key.revokedAt?.toISOString() ?? null,
  };
}

/** API keys, for admins: made, listed, revoked. Each change leaves a line in the audit log. */
export function registerApiKeysRoutes(server: Server, { apiKeys }: { apiKeys: ApiKeys }): void {
  const config = { access: { capability: 'keys:manage', org: 'none' } } as const;
  const tags = ['API keys'];

  server.post(
    '/analytics/v1/api-keys',
    {
      config,
      schema: {
        tags,
        summary: 'Make a key',
        description: 'The answer holds the key itself, the only time it can be seen.',
        body: NewKey,
        response: {
          201: Type.Object({ ...Key.properties, key: Type.String({ description: 'Send it as X-API-Key.' }) }),
        },
      },
    },
    async (request, reply) => {
      const { expiresAt, ...rest } = request.body;
      const made = await apiKeys.create(
        { ...rest, ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt) }) },
        { actor: actorOf(request), route: 'POST /analytics/v1/api-keys', requestId: request.id },
      );
      return reply.code(201).send({ ...onTheWire(made), key: made.key });
    },
  );

  server.get(
    '/analytics/v1/api-keys',
    {
      config,
      schema: {
        tags,
        summary: 'List the keys, ended ones included',
        response: { 200: Type.Object({ keys: Type.Array(Key) }) },
      },
    },
    async () => ({ keys: (await apiKeys.list()).map(onTheWire) }),
  );

  server.delete(
    '/analytics/v1/api-keys/:keyId',
    {
      config,
      schema: {
        tags,
        summary: 'End a key',
        description: 'It stops working everywhere within 5 seconds.',
        params: Type.Object({ keyId: Type.String({ maxLength: 100 }) }),
        response: { 204: Type.Null({ description: 'The key has ended.' }) },
      },
    },
    async (request, reply) => {
      await apiKeys.revoke(request.params.keyId, {
        actor: actorOf(request),
        route: 'DELETE /analytics/v1/api-keys/:keyId',
        requestId: request.id,
      });
      return reply.code(204).send(null);
    },
  );
}
