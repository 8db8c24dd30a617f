import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { type Fault, refuse } from '../../errors.ts';

/** Gives each route without a query schema an empty one, so that it refuses every query parameter. */
export function describeEveryQuery(server: FastifyInstance): void {
  server.addHook('onRoute', (route) => {
    route.schema = { querystring: Type.Object({}), ...route.schema };
  });
}

/**
 * Refuses unknown query parameters by name, before the body is read. No route can ignore a misspelt parameter, even if
 * it brings a validator of its own.
 */
export function refuseUnknownParameters(server: FastifyInstance): void {
  server.addHook('onRequest', async (request) => {
    const query = request.routeOptions.schema?.querystring as { properties?: object } | undefined;
    if (request.is404 || query === undefined) return;
    const faults = unknownParameters(request.query as object, Object.keys(query.properties ?? {}));
    if (faults.length > 0) throw refuse('In the query', faults);
  });
}

function unknownParameters(query: object, known: string[]): Fault[] {
  const message =
    known.length === 0
      ? 'is not known; this path takes no query parameters'
      : `is not known; this path takes: ${known.join(', ')}`;
  return Object.keys(query)
    .filter((name) => !known.includes(name))
    .map((path) => ({ path, message }));
}
