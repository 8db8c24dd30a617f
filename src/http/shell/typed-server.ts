import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  FastifySchema,
  RouteGenericInterface,
} from 'fastify';

/** Fastify over HTTP/1.1, whose handlers have the types of their schemas. */
export type Server = FastifyInstance<
  HttpServer,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** A route as it is declared, apart from its path and its handler. */
interface Route {
  schema: FastifySchema;
}

/** The request that the handler of a route receives, with the types of the route's schema. */
export type RequestTo<R extends Route> = FastifyRequest<
  RouteGenericInterface,
  HttpServer,
  IncomingMessage,
  R['schema'],
  TypeBoxTypeProvider
>;

/** The reply that the handler of a route sends, with the types of the route's schema. */
export type ReplyTo<R extends Route> = FastifyReply<
  RouteGenericInterface,
  HttpServer,
  IncomingMessage,
  ServerResponse,
  unknown,
  R['schema'],
  TypeBoxTypeProvider
>;
