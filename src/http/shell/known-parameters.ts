import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { type Fault, refuse } from '../../errors.ts';

/** Gives routes that describe no query parameters a description of none, so that those sent are refused. */
export function describeEveryQuery(server: FastifyInstance): void {
  server.addHook('onRoute', (route) => {
    route.schema = { querystring: Type.Object({}), ...route.schema };
  });
}

/**
 * Refuses a query parameter that the route does not know, by name, before the body is read. However a route has
 * the rest of what it is sent checked, a misspelt parameter is never passed over.
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
    known.length === 0 ? 'is not known; none is' : `is not known; these are: ${known.join(', ')}`;
  return Object.keys(query)
    .filter((name) => !known.includes(name))
    .map((path) => ({ path, message }));
}
