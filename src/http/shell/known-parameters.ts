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
  server.addHook('onRequest', (request, _reply, done) => {
    const given = request.query as object;
    const query = request.routeOptions.schema?.querystring as QueryShape | undefined;
    if (request.is404 || query === undefined || Object.keys(given).length === 0) return done();
    const faults = unknownParameters(given, query);
    done(faults.length > 0 ? refuse('In the query', faults) : undefined);
  });
}

interface QueryShape {
  properties?: object;
  /** Of labels, whose names the org chooses. */
  patternProperties?: object;
}

function unknownParameters(query: object, { properties = {}, patternProperties = {} }: QueryShape): Fault[] {
  const patterns = Object.keys(patternProperties).map((pattern) => new RegExp(pattern));
  const known = [...Object.keys(properties), ...(patterns.length > 0 ? ['label.KEY'] : [])];
  const message =
    known.length === 0
      ? 'is not known; this path takes no query parameters'
      : `is not known; this path takes: ${known.join(', ')}`;
  return Object.keys(query)
    .filter((name) => !Object.hasOwn(properties, name) && !patterns.some((pattern) => pattern.test(name)))
    .map((path) => ({ path, message }));
}
