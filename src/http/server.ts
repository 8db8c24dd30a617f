import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { type FastifyBaseLogger, fastify, LogController } from 'fastify';
import type { Redis } from 'ioredis';
import type { ApiKeys } from '../auth/api-keys.ts';
import type { RecordAudit } from '../auth/audit.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import type { Config } from '../config.ts';
import { parseJsonBody } from '../formats/parse-json.ts';
import type { Ingest } from '../ingestion/ingest.ts';
import type { AnsweredRequest } from '../ingestion/self-report.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { registerApiKeysRoutes } from './admin/api-keys-routes.ts';
import { registerDocsRoutes } from './admin/docs-routes.ts';
import { type DependencyCheck, registerStatusRoutes } from './admin/status-routes.ts';
import { registerEventsRoutes } from './events/routes.ts';
import { describeApi, registerOpenApiRoute } from './openapi.ts';
import { auditReads } from './shell/audit-reads.ts';
import { authenticateRequests } from './shell/authenticate.ts';
import { followRequests, refuseBrokenRequests } from './shell/broken-request.ts';
import { drainOnClose } from './shell/drain.ts';
import { describeEveryQuery, refuseUnknownParameters } from './shell/known-parameters.ts';
import { answerNotFound } from './shell/not-found.ts';
import { observeRequests } from './shell/observe-requests.ts';
import { sendProblem } from './shell/problem.ts';
import { limitRates } from './shell/rate-limit.ts';
import { correlationIdOf, requestIdOf } from './shell/request-ids.ts';
import { traceRequests } from './shell/trace-requests.ts';
import type { Server } from './shell/typed-server.ts';
import { compileValidator } from './shell/validation.ts';

export interface ServerOptions {
  config: Config;
  log: FastifyBaseLogger;
  metrics: Metrics;
  authenticator: Authenticator;
  apiKeys: ApiKeys;
  audit: RecordAudit;
  /** Served where the process has the role `ingest`; the other routes where it has `api`. */
  ingest: Ingest;
  /** Shares rate limits between processes; without it each has its own. */
  redis?: Redis;
  /** Of the service, for the API's description. */
  version: string;
  /** What `/readyz` asks after. */
  checks: readonly DependencyCheck[];
  /** Told of every request that was answered, probes and scrapes aside. */
  onAnswered?: (request: AnsweredRequest) => void;
  /** Adds the routes of features; each must declare `config.access`. */
  registerRoutes?: (server: Server) => void;
}

/** The largest body of an ordinary request; sending events has a larger limit of its own. */
const BODY_LIMIT_BYTES = 1_000_000;

/** Answers are built by us: the native serializer is fast, and never drops a field a schema forgot. */
function serialize() {
  return (body: unknown) => JSON.stringify(body);
}

/** The HTTP server with everything on it, not listening yet. */
export function createServer(options: ServerOptions): Server {
  const { config, log } = options;
  const server = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestIdOf,
    childLoggerFactory: (logger, bindings, _options, request) => {
      const requestId = String(bindings.reqId);
      return logger.child({ requestId, correlationId: correlationIdOf(request, requestId) });
    },
    trustProxy: config.trustedProxies.length > 0 ? [...config.trustedProxies] : false,
    bodyLimit: BODY_LIMIT_BYTES,
    routerOptions: { maxParamLength: 512 },
    requestTimeout: config.requestTimeout,
    handlerTimeout: 2 * config.requestTimeout,
    http: {
      headersTimeout: config.requestTimeout,
      connectionsCheckingInterval: Math.min(1_000, config.requestTimeout / 4),
    },
    // While closing, whatever still arrives on an open connection is answered and the connection ended.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    // Given here and not set later, or a plugin that adds a schema would fall back to the framework's own.
    // The factory's type is that of Ajv, its contract is ours as well.
    schemaController: {
      compilersFactory: {
        buildValidator: (() => compileValidator) as never,
        buildSerializer: () => serialize,
      },
    },
    clientErrorHandler: refuseBrokenRequests(config.requestTimeout),
    frameworkErrors: sendProblem,
  }).withTypeProvider<TypeBoxTypeProvider>();

  server.setErrorHandler(sendProblem);
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (_request: unknown, body: Buffer) => parseJsonBody(body),
  );

  // The order of these is the order in which they see a request.
  followRequests(server);
  describeEveryQuery(server);
  answerNotFound(server);
  drainOnClose(server, config.shutdownTimeout);
  observeRequests(server, options);
  traceRequests(server);
  authenticateRequests(server, options.authenticator);
  limitRates(server, { config, redis: options.redis });
  refuseUnknownParameters(server);
  auditReads(server, options.audit);

  describeApi(server, options.version);
  server.register(async (routes: Server) => {
    if (config.roles.includes('ingest')) {
      registerEventsRoutes(routes, {
        ingest: options.ingest,
        maxBodyBytesInFlight: config.maxBodyBytesInFlight,
      });
    }
    if (config.roles.includes('api')) {
      options.registerRoutes?.(routes);
      registerApiKeysRoutes(routes, options);
    }
    registerStatusRoutes(routes, options);
    registerOpenApiRoute(routes);
    registerDocsRoutes(routes);
  });
  return server;
}
