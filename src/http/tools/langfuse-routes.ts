import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { isObject } from '../../events/json-object.ts';
import { notEvents, refuseTooMany } from '../../formats/decoded-events.ts';
import { refuseTooMuchJson } from '../../formats/json-size.ts';
import { emptyBody, parseJsonBody } from '../../formats/parse-json.ts';
import { version } from '../../version.ts';
import { actorOf, requires } from '../shell/authenticate.ts';
import { boundBodyMemory } from '../shell/body-memory.ts';
import type { Server } from '../shell/typed-server.ts';
import { keepBytes, orgOfKey, type ToolOptions, takeTurnFor } from './tool-bodies.ts';

const tags = ['Events'];
const { access } = requires('events:write', 'none');
/** Langfuse's SDKs know only Basic authentication. */
const config = { access: access === 'public' ? access : { ...access, basic: true as const } };

const ingestionRoute = {
  config,
  schema: {
    tags,
    summary: 'Accept the scores of Langfuse, and count none',
    description:
      "Langfuse's SDKs send scores here, and calls to /api/public/otel/v1/traces. Every item is accepted and dropped.",
    response: {
      207: Type.Object({
        successes: Type.Array(Type.Object({ id: Type.String(), status: Type.Integer() })),
        errors: Type.Array(Type.Unknown()),
      }),
    },
  },
};

const projectsRoute = {
  config,
  schema: {
    tags,
    summary: 'Check a key, as the SDKs of Langfuse do',
    description: 'The org of the key is the only project. `auth_check()` of the Python SDK asks for it.',
    response: {
      200: Type.Object({
        data: Type.Array(
          Type.Object({
            id: Type.String(),
            name: Type.String(),
            metadata: Type.Object({}),
            organization: Type.Object({ id: Type.String(), name: Type.String() }),
          }),
        ),
      }),
    },
  },
};

const healthRoute = {
  config: { access: 'public' as const },
  schema: {
    tags,
    summary: 'Whether the service runs, as the SDKs of Langfuse ask',
    response: { 200: Type.Object({ status: Type.String(), version: Type.String() }) },
  },
};

/** What Langfuse's SDKs ask beside the export of traces, so that they work without errors. */
export function registerLangfuseRoutes(server: Server, options: Pick<ToolOptions, 'bodies' | 'loop'>): void {
  const plugin: FastifyPluginAsyncTypebox = async (routes) => {
    boundBodyMemory(routes, options.bodies);
    keepBytes(routes, ['application/json']);
    routes.post('/api/public/ingestion', ingestionRoute, async (request, reply) => {
      const successes = (await readIds(request, options)).map((id) => ({ id, status: 201 }));
      return reply.code(207).send({ successes, errors: [] });
    });
    routes.get('/api/public/projects', projectsRoute, async (request) => {
      const id = orgOfKey(actorOf(request));
      return { data: [{ id, name: id, metadata: {}, organization: { id, name: id } }] };
    });
  };
  server.register(plugin);
  // Apart from the others, because only callers with a key have a share of the memory for bodies.
  server.get('/api/public/health', healthRoute, async () => ({ status: 'OK', version }));
}

async function readIds(request: FastifyRequest, { loop }: Pick<ToolOptions, 'loop'>): Promise<string[]> {
  orgOfKey(actorOf(request));
  const bytes = request.body;
  if (!Buffer.isBuffer(bytes)) throw emptyBody();
  await takeTurnFor(bytes, request, loop);
  refuseTooMuchJson(bytes);
  const parsed = parseJsonBody(bytes);
  if (!isObject(parsed) || !Array.isArray(parsed.batch))
    throw notEvents('must be an object with an array batch');
  refuseTooMany(parsed.batch.length);
  return parsed.batch.map((item) => (isObject(item) ? String(item.id ?? '') : ''));
}
