import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { type FastifyBaseLogger, fastify, LogController } from 'fastify';
import type { Redis } from 'ioredis';
import type { ApiKeys } from '../auth/api-keys.ts';
import type { RecordAudit } from '../auth/audit.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import type { LoginSessions } from '../auth/sessions/login-sessions.ts';
import type { Config } from '../config.ts';
import { parseJsonBody } from '../formats/parse-json.ts';
import type { Ingest } from '../ingestion/ingest.ts';
import type { AnsweredRequest } from '../ingestion/self-report.ts';
import type { SpanMemory } from '../ingestion/spans/span-memory.ts';
import { SharedCapacity } from '../shares/capacity.ts';
import type { GiveWay } from '../shares/give-way.ts';
import { InFlightLimit } from '../shares/in-flight-limit.ts';
import { LoopTurns } from '../shares/loop-turns.ts';
import { LazyLog } from '../telemetry/lazy-log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { registerApiKeysRoutes } from './admin/api-keys-routes.ts';
import { registerDocsRoutes } from './admin/docs-routes.ts';
import { type DependencyCheck, registerStatusRoutes } from './admin/status-routes.ts';
import { siteOf } from './browser/browser-guard.ts';
import { registerConsoleRoutes } from './console/console-routes.ts';
import { answerAsCsv } from './csv/answer-as-csv.ts';
import { registerEventsRoutes } from './events/routes.ts';
import { describeApi, registerOpenApiRoute } from './openapi.ts';
import { boundAnswerMemory } from './shares/answer-memory.ts';
import { limitConnections } from './shares/limit-connections.ts';
import { limitRates } from './shares/rate-limit.ts';
import { shareLoop } from './shares/share-loop.ts';
import { shareQuestions } from './shares/share-questions.ts';
import { shareStreams } from './shares/share-streams.ts';
import { writeInTurns } from './shares/write-in-turns.ts';
import { limitAnswerTime } from './shell/answer-deadline.ts';
import { auditReads } from './shell/audit-reads.ts';
import { authenticateRequests } from './shell/authenticate.ts';
import { checkBodies, PARSED_BESIDE_OTHERS } from './shell/body-memory.ts';
import { followRequests, refuseBrokenRequests } from './shell/broken-request.ts';
import { discardRestOfBodies } from './shell/discard-rest.ts';
import { drainOnClose } from './shell/drain.ts';
import { describeEveryQuery, refuseUnknownParameters } from './shell/known-parameters.ts';
import { answerNotFound, answerNotFoundEarly } from './shell/not-found.ts';
import { observeRequests } from './shell/observe-requests.ts';
import { sendProblem } from './shell/problem.ts';
import { correlationIdOf, requestIdOf } from './shell/request-ids.ts';
import { traceRequests } from './shell/trace-requests.ts';
import type { Server } from './shell/typed-server.ts';
import { compileValidator } from './shell/validation.ts';
import { registerLangfuseRoutes } from './tools/langfuse-routes.ts';
import { registerLiteLlmRoutes } from './tools/litellm-routes.ts';
import { registerOtlpRoutes } from './tools/otlp-routes.ts';

export interface ServerOptions {
  config: Config;
  log: FastifyBaseLogger;
  metrics: Metrics;
  authenticator: Authenticator;
  /** Verifies the cookies of browsers; without it, no cookie is accepted. */
  sessions?: Pick<LoginSessions, 'verify'>;
  apiKeys: ApiKeys;
  audit: RecordAudit;
  /** Its routes need the role `ingest` of the process; all others need `api`. */
  ingest: Ingest;
  spanMemory: Pick<SpanMemory, 'recall' | 'remember'>;
  /** Shares the event loop between callers; by default a share of its own. */
  loop?: LoopTurns;
  /** Is told of questions, for work that gives way to them. */
  giveWay?: GiveWay;
  /** Shares rate limits between processes; without Redis each process has its own. */
  redis?: Redis;
  /** Version of the service, for the OpenAPI document. */
  version: string;
  /** The dependencies that `/readyz` checks. */
  checks: readonly DependencyCheck[];
  /** Called after every answer, except for probes and scrapes. */
  onAnswered?: (request: AnsweredRequest) => void;
  /** Adds the routes of the features. Each must declare `config.access`. */
  registerRoutes?: (server: Server) => void;
}

/** The largest body of a request. Sending events and importing rules have larger limits of their own. */
const BODY_LIMIT_BYTES = 1_000_000;
/** The deepest nesting of such a body, as of imported rules. Checking a value calls itself for each level. */
const MOST_LEVELS = 100;

/** The native serializer is fast, and never drops a field that is missing from a schema. */
function serialize() {
  return (body: unknown) => JSON.stringify(body);
}

/** The HTTP server with all hooks and routes. It does not listen yet. */
export function createServer(options: ServerOptions): Server {
  const { config, log } = options;
  const server = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestIdOf,
    childLoggerFactory: (logger, bindings, _options, request) => {
      const requestId = String(bindings.reqId);
      return new LazyLog(logger, { requestId, correlationId: correlationIdOf(request, requestId) });
    },
    trustProxy: config.trustedProxies.length > 0 ? [...config.trustedProxies] : false,
    bodyLimit: BODY_LIMIT_BYTES,
    routerOptions: { maxParamLength: 512 },
    requestTimeout: config.requestTimeout,
    http: {
      headersTimeout: config.requestTimeout,
      connectionsCheckingInterval: Math.min(1_000, config.requestTimeout / 4),
    },
    // While the server closes, a request that arrives on an open connection still gets its answer.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    // Set here, because a plugin that adds a schema resets a compiler that is set later.
    // `as never`: the type of the factory names Ajv, but any validator of this shape works.
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
    async (_request: unknown, body: Buffer) => parseJsonBody(body, MOST_LEVELS),
  );
  const loop = options.loop ?? new LoopTurns();
  addHooks(server, options, loop);
  describeApi(server, options.version, config.publicUrl);
  server.register(async (routes: Server) => registerRoutes(routes, { ...options, loop }));
  return server;
}

/** Requests pass the hooks in this order. */
function addHooks(server: Server, options: ServerOptions, loop: LoopTurns): void {
  const { config } = options;
  followRequests(server);
  limitAnswerTime(server, 2 * config.requestTimeout);
  describeEveryQuery(server);
  const answer = answerNotFound(server);
  discardRestOfBodies(server);
  drainOnClose(server, config.shutdownTimeout);
  observeRequests(server, options);
  traceRequests(server);
  authenticateRequests(server, { ...options, site: siteOf(config) });
  shareLoop(server, loop);
  limitRates(server, { config, redis: options.redis });
  refuseUnknownParameters(server);
  auditReads(server, options.audit);
  answerAsCsv(server);
  shareQuestions(server, options);
  shareStreams(server);
  boundAnswerMemory(server, options);
  writeInTurns(server, loop);
  limitConnections(server, options);
  answerNotFoundEarly(server, answer);
}

function registerRoutes(routes: Server, options: ServerOptions & { loop: LoopTurns }): void {
  const { ingest, config, metrics, loop } = options;
  const memory = new SharedCapacity(config.maxBodyBytesInFlight);
  const bodies = { memory, parsed: new InFlightLimit(PARSED_BESIDE_OTHERS) };
  metrics.observeBodies(() => memory.total);
  const checks = [...options.checks];
  if (config.roles.includes('ingest')) {
    registerEventsRoutes(routes, { ingest, bodies, loop });
    const tools = { ingest, bodies, loop, byAnswer: config.callIdentity === 'answer' };
    registerOtlpRoutes(routes, { ...tools, spanMemory: options.spanMemory });
    registerLangfuseRoutes(routes, tools);
    registerLiteLlmRoutes(routes, tools);
    checks.push(checkBodies(memory));
  }
  if (config.roles.includes('api')) {
    options.registerRoutes?.(routes);
    registerApiKeysRoutes(routes, options);
    registerConsoleRoutes(routes, { config });
  }
  registerStatusRoutes(routes, { ...options, checks });
  registerOpenApiRoute(routes);
  registerDocsRoutes(routes);
}
