import type { FastifyInstance } from 'fastify';
import { CodedError } from '../../errors.ts';
import { sendProblem } from './problem.ts';

/** Answers what no route answers: 405 with `Allow` where the path exists for another method, else 404. */
export function answerNotFound(server: FastifyInstance): void {
  const routes: { path: RegExp; methods: string[] }[] = [];

  server.addHook('onRoute', ({ method, url }) => {
    routes.push({ path: patternOf(url), methods: [method].flat() });
  });

  server.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const allowed = new Set(
      routes.filter((route) => route.path.test(path)).flatMap((route) => route.methods),
    );
    if (allowed.size === 0) return sendProblem(new CodedError('not_found', 'No such path.'), request, reply);
    const methods = [...allowed].sort().join(', ');
    reply.header('allow', methods);
    return sendProblem(new CodedError('method_not_allowed', `This path takes ${methods}.`), request, reply);
  });
}

/** `/orgs/:orgId/usage` → a pattern that any org's path matches. */
function patternOf(url: string): RegExp {
  return new RegExp(
    `^${url
      .replace(/[.$()+?[\]{}|^\\]/g, '\\$&')
      .replace(/:\w+/g, '[^/]+')
      .replaceAll('*', '.*')}$`,
  );
}
