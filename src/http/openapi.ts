import swagger from '@fastify/swagger';
import type { FastifyInstance, FastifySchema } from 'fastify';
import { Type } from 'typebox';
import { type ErrorCode, errorTable } from '../errors.ts';
import { type Access, isPublic } from './shell/authenticate.ts';
import { fixedAnswer } from './shell/fixed-answer.ts';
import { Problem } from './shell/problem.ts';
import type { Server } from './shell/typed-server.ts';

const DESCRIPTION = `Analytics and alerting for AI products: events counted exactly once, answered in milliseconds.

Times are ISO 8601 in UTC. Ranges are half-open: they include \`start\` and exclude \`end\`. Costs are numbers of cents.
Every error is an \`application/problem+json\` (RFC 9457) with a stable \`code\`. The service refuses unknown parameters.
Send \`X-Correlation-Id\` to find a call again: the answer, the log and the events of the call carry it.`;

/**
 * Collects the routes registered after it into an OpenAPI document; `server.swagger()` gives it.
 * @param publicUrl where the API is for callers; without it, at the root of the host that serves the document
 */
export function describeApi(server: FastifyInstance, version: string, publicUrl: string | undefined): void {
  server.addSchema(Problem);
  server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Tidemark',
        version,
        description: DESCRIPTION,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      ...(publicUrl !== undefined && { servers: [{ url: publicUrl.replace(/\/+$/, '') }] }),
      components: {
        securitySchemes: {
          token: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description: 'Claims: `sub`, `exp`, `roles` (array), `orgs` (array).',
          },
          apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
        },
      },
    },
    convertConstToEnum: false,
    refResolver: {
      buildLocalReference: (json, _base, _fragment, index) => String(json.$id ?? `schema-${index}`),
    },
    transform: ({ schema, url, route }) => {
      const access = route.config?.access;
      return {
        url,
        schema:
          access === undefined || schema?.hide
            ? { ...schema, hide: true }
            : complete(schema, access, String(route.method)),
      };
    },
  });
}

/** Adds what routes have in common: the security schemes, and the errors that they can answer with. */
function complete(schema: FastifySchema, access: Access, method: string): FastifySchema {
  const open = access === 'public';
  const takesBody = schema.body !== undefined;
  const { properties: asked } = (schema.querystring ?? {}) as { properties?: object };
  const isSeries = asked !== undefined && 'granularity' in asked;
  const codes: ErrorCode[] = [
    'invalid_request',
    ...(open ? [] : (['unauthenticated', 'forbidden', 'rate_limited'] as const)),
    ...(method === 'DELETE' ? (['not_found'] as const) : []),
    ...(takesBody ? (['request_timeout', 'too_large', 'unsupported_media_type'] as const) : []),
    ...(isSeries ? (['too_many_points', 'range_not_kept'] as const) : []),
    'internal',
    'unavailable',
    ...(open ? [] : (['timed_out'] as const)),
  ];
  const byStatus = Map.groupBy(codes, (code) => errorTable[code].status);
  const problems = [...byStatus].map(([status, ofStatus]) => [
    status,
    {
      description: ofStatus.map((code) => errorTable[code].title).join('; or: '),
      content: { 'application/problem+json': { schema: { $ref: 'Problem#' } } },
    },
  ]);
  return {
    ...withLabels(schema),
    security: open ? [] : [{ token: [] }, { apiKey: [] }],
    response: { ...Object.fromEntries(problems), ...(schema.response as object | undefined) },
  };
}

interface PatternQuery {
  properties: object;
  patternProperties?: object;
}

/**
 * Describes parameters such as `label.team`, whose names the org chooses. An object among the parameters of a query stands for
 * a parameter of each of its keys: `style: form` and `explode: true` are the defaults of OpenAPI.
 */
function withLabels(schema: FastifySchema): FastifySchema {
  const { patternProperties = {}, ...query } = (schema.querystring ?? {}) as PatternQuery;
  if (Object.keys(patternProperties).length === 0) return schema;
  const labels = {
    type: 'object',
    patternProperties,
    description:
      'A parameter for each label: `label.team=search` selects a value, and `label.team=search,shop` several. The org must ' +
      'have declared the label; GET /analytics/v1/orgs/{orgId}/labels lists those.',
  };
  return { ...schema, querystring: { ...query, properties: { ...query.properties, labels } } };
}

/**
 * Serves the OpenAPI document. It is written before the server listens: that takes one turn of the event loop, long enough
 * to hold up everybody else.
 */
export function registerOpenApiRoute(server: Server): void {
  const document = fixedAnswer(() => JSON.stringify(server.swagger()));
  server.addHook('onReady', () => document.prepare());
  server.get(
    '/openapi.json',
    {
      config: isPublic,
      schema: {
        tags: ['Status'],
        summary: 'This description of the API (OpenAPI 3.1)',
        response: { 200: Type.Object({}, { additionalProperties: true }) },
      },
    },
    async (request, reply) => document.send(request, reply.type('application/json; charset=utf-8')),
  );
}
