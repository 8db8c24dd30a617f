import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CodedError } from '../../errors.ts';
import { sendProblem } from './problem.ts';

type AnswerNotFound = (request: FastifyRequest, reply: FastifyReply) => FastifyReply;

/** Answers requests without a route: 405 with `Allow` if the path exists for other methods, else 404. */
export function answerNotFound(server: FastifyInstance): AnswerNotFound {
  const routes: { path: RegExp; methods: string[] }[] = [];

  server.addHook('onRoute', ({ method, url }) => {
    routes.push({ path: patternOf(url), methods: [method].flat() });
  });

  const answer: AnswerNotFound = (request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const allowed = new Set(
      routes.filter((route) => route.path.test(path)).flatMap((route) => route.methods),
    );
    if (allowed.size === 0)
      return sendProblem(
        new CodedError('not_found', 'This path does not exist. GET /openapi.json lists all paths.'),
        request,
        reply,
      );
    const methods = [...allowed].sort().join(', ');
    reply.header('allow', methods);
    return sendProblem(
      new CodedError(
        'method_not_allowed',
        `This path does not support ${request.method}. It supports: ${methods}.`,
      ),
      request,
      reply,
    );
  };
  server.setNotFoundHandler(answer);
  return answer;
}

/**
 * Answers such requests before their body is read, because a body that is too large or of an unknown type would get
 * another answer. It goes after the other hooks.
 */
export function answerNotFoundEarly(server: FastifyInstance, answer: AnswerNotFound): void {
  server.addHook('onRequest', (request, reply, done) => {
    if (request.is404) answer(request, reply);
    else done();
  });
}

/** A pattern that every path of a route matches: `/orgs/:orgId/usage` → `^/orgs/[^/]+/usage$`. */
function patternOf(url: string): RegExp {
  return new RegExp(
    `^${url
      .replace(/[.$()+?[\]{}|^\\]/g, '\\$&')
      .replace(/:\w+/g, '[^/]+')
      .replaceAll('*', '.*')}$`,
  );
}
