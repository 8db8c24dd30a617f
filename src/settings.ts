import { isIP } from 'node:net';
import { ALL_ORGS } from './events/all-orgs.ts';
import { BY_PREFERENCE } from './reserved-names.ts';
import { duration, listOf, oneOf, type Parse, secretOf, text, url, wholeNumber } from './setting.ts';

/** One environment variable. Without a `default` the setting may be `undefined`. */
export interface Setting<T, Default extends string | undefined = string | undefined> {
  env: string;
  parse: Parse<T>;
  default: Default;
  /** What it does, in a sentence for the operator. */
  meaning: string;
  /** Its value is never shown. */
  secret: boolean;
}

function set<T>(env: string, parse: Parse<T>, fallback: string, meaning: string): Setting<T, string> {
  return {
    env,
    parse,
    default: fallback,
    meaning,
    secret: false,
  };
}

function optional<T>(env: string, parse: Parse<T>, meaning: string): Setting<T, undefined> {
  return {
    env,
    parse,
    default: undefined,
    meaning,
    secret: false,
  };
}

function secret<T>(env: string, parse: Parse<T>, meaning: string): Setting<T, undefined> {
  return {
    ...optional(env, parse, meaning),
    secret: true,
  };
}

const addressRange: Parse<string> = (given) => {
  const [address = '', bits] = given.split('/');
  const most = isIP(address) === 6 ? 128 : 32;
  if (isIP(address) === 0 || (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= most))) {
    throw new Error('IP addresses or CIDR ranges, separated by commas');
  }
  return given;
};

const web = url('https', 'http');

/** `name=url`, as a pair. */
const namedUrl: Parse<readonly [name: string, url: string]> = (given) => {
  const at = given.indexOf('=');
  const [name, address] = [given.slice(0, at), given.slice(at + 1)];
  if (!/^[a-z0-9][a-z0-9_-]{0,63}$/.test(name) || name === BY_PREFERENCE) {
    throw new Error(`name=url, the name of a-z, 0-9, - and _, and not ${BY_PREFERENCE}`);
  }
  return [name, web(address)];
};

const phoneNumber: Parse<string> = (given) => {
  if (!/^\+[1-9]\d{6,14}$/.test(given))
    throw new Error('numbers such as +4915112345678, separated by commas');
  return given;
};

/** An address as mail programs show it: `ops@example.com`, or `Ops <ops@example.com>`. */
const mailbox: Parse<string> = (given) => {
  const address = /^[^<>\p{Cc}]*<([^<>]+)>$/u.exec(given)?.[1] ?? given;
  if (!/^[^\s@<>"(),:;[\]\\]+@[^\s@<>"(),:;[\]\\]+$/.test(address))
    throw new Error('email addresses such as ops@example.com or Ops <ops@example.com>');
  return given;
};

const smsSender: Parse<string> = (given) => {
  if (!/^(\+[1-9]\d{6,14}|MG[0-9a-fA-F]{32}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}|\d{3,8})$/.test(given))
    throw new Error(
      'a number such as +4915112345678, a messaging service (MG…), a short code, or a sender name',
    );
  return given;
};

const org: Parse<string> = (given) => {
  if (given === ALL_ORGS || given.length > 200)
    throw new Error(`an org of at most 200 characters; ${ALL_ORGS} stands for all`);
  return given;
};

function count(least: number, most = 1_000_000_000) {
  return wholeNumber(least, most);
}

const postgres = url('postgres', 'postgresql');
const level = oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent');

/** Every setting there is: what is read, checked and documented comes from this table. */
// biome-ignore format: one setting, one row
export const settings = {
  httpPort: set('HTTP_PORT', wholeNumber(0, 65_535), '8084', 'Port of the HTTP API; 0 takes a free one.'),
  httpHost: set('HTTP_HOST', text, '127.0.0.1', 'Address the HTTP API listens on.'),
  dataDir: set('DATA_DIR', text, './data', 'Folder of the embedded database and of the secret made at the first start.'),

  databaseUrl: secret('DATABASE_URL', postgres, 'PostgreSQL to use; unset, an embedded one runs in `DATA_DIR`.'),
  databasePoolMax: set('DATABASE_POOL_MAX', count(3, 500), '12', 'Most connections this process holds to PostgreSQL.'),
  redisUrl: secret('REDIS_URL', url('redis', 'rediss'), 'Redis for cached answers and shared rate limits; unset, both live in the process.'),
  rabbitmqUrl: secret('RABBITMQ_URL', url('amqp', 'amqps'), 'RabbitMQ to take events from; unset, none is used.'),
  rabbitmqStream: set('RABBITMQ_STREAM', text, 'analytics.usage.v1', 'Stream or queue the events are read from.'),
  rabbitmqQueueType: set('RABBITMQ_QUEUE_TYPE', oneOf('stream', 'quorum'), 'stream', 'What it is: a stream, read by one process at a time, or a quorum queue, shared by all.'),
  rabbitmqPrefetch: set('RABBITMQ_PREFETCH', count(1, 65_535), '2000', 'Messages the broker hands out before any is acknowledged; fewer where messages are large.'),
  rabbitmqBatchTimeout: set('RABBITMQ_BATCH_TIMEOUT', duration('0ms', '60s'), '50ms', 'Longest a message waits for others to share its transaction.'),

  jwtSecret: secret('JWT_SECRET', secretOf(32), 'Shared secret of HS256 tokens. With neither this nor `JWKS_URL`, one is made in `DATA_DIR`.'),
  jwksUrl: optional('JWKS_URL', web, 'Key set that RS, PS, ES and EdDSA tokens are checked against.'),
  jwtAudience: optional('JWT_AUDIENCE', text, 'Audience a token must be meant for; unset, not checked.'),
  jwtIssuer: optional('JWT_ISSUER', text, 'Issuer a token must come from; unset, not checked.'),

  trustedProxies: set('TRUSTED_PROXIES', listOf(addressRange), '', 'Proxies whose `X-Forwarded-For` is believed; empty, none.'),
  rateLimitPerMinute: set('RATE_LIMIT_PER_MINUTE', count(0), '6000', 'Requests a caller may make each minute, sending events aside; 0 sets no limit.'),
  ingestRateLimitPerMinute: set('INGEST_RATE_LIMIT_PER_MINUTE', count(0), '600000', 'Requests with events a caller may make each minute; 0 sets no limit.'),
  requestTimeout: set('REQUEST_TIMEOUT', duration('1s', '10m'), '30s', 'Time a request has to arrive whole, and then to be answered.'),
  shutdownTimeout: set('SHUTDOWN_TIMEOUT', duration('0s', '10m'), '20s', 'Time open requests have to end when the service stops.'),

  ingestionBatchSize: set('INGESTION_BATCH_SIZE', count(1, 50_000), '5000', 'Most events stored in one transaction.'),
  ingestionBatchTimeout: set('INGESTION_BATCH_TIMEOUT', duration('0ms', '60s'), '5ms', 'Longest an event waits for others to share its transaction.'),
  ingestionWorkers: set('INGESTION_WORKERS', count(1, 64), '3', 'Transactions that store events at the same time.'),
  ingestionTimeout: set('INGESTION_TIMEOUT', duration('1s', '10m'), '20s', 'Longest PostgreSQL may take for one statement that stores events; then callers are told to send again.'),
  maxQueuedEvents: set('MAX_QUEUED_EVENTS', count(1), '20000', 'Events held in memory until stored; beyond it callers are told to come back.'),
  maxBodyBytesInFlight: set('MAX_BODY_BYTES_IN_FLIGHT', count(10_000_000), '20000000', 'Bytes of request bodies held in memory; beyond it callers are told to come back.'),

  rollupInterval: set('ROLLUP_INTERVAL', duration('100ms', '1h'), '1s', 'Longest time between two roll-ups; shorter while there is little to do.'),
  freshnessCacheTtl: set('FRESHNESS_CACHE_TTL', duration('0s', '1h'), '60s', 'Time a cached freshness is served.'),
  rawRetention: set('RAW_RETENTION', duration('1d', '3650d'), '7d', 'Time raw events are kept.'),
  dedupWindow: set('DEDUP_WINDOW', duration('1d', '3650d'), '32d', 'Time an event id is remembered; at least `RAW_RETENTION`.'),

  dashboardCacheTtl: set('DASHBOARD_CACHE_TTL', duration('0s', '1h'), '60s', 'How old a section of the dashboard summary may be; 0s makes each anew.'),
  prometheusUrl: secret('PROMETHEUS_URL', web, 'Prometheus server that scrapes the service, for real-time figures; unset, `/metrics` are read instead.'),
  metricsTargets: set('METRICS_TARGETS', listOf(web), '', 'Where `/metrics` of the processes of the service are, separated by commas, when there is no Prometheus; empty, this process alone.'),
  realtimeWindow: set('REALTIME_WINDOW', duration('5s', '1h'), '1m', 'What real-time rates and percentiles are taken over; at least twice the scrape interval of Prometheus.'),
  healthErrorPercent: set('HEALTH_ERROR_PERCENT', count(1, 100), '5', 'Share of requests answered with 5xx from which health is degraded.'),
  healthDownPercent: set('HEALTH_DOWN_PERCENT', count(1, 100), '50', 'Share of requests answered with 5xx from which the platform counts as down.'),
  healthLatency: set('HEALTH_LATENCY', duration('1ms', '10m'), '2s', 'p95 of requests above which health is degraded.'),
  selfReport: set('SELF_REPORT', oneOf('on', 'off'), 'off', 'Whether the service counts its own requests, as `api_request` events of the org `SELF_REPORT_ORG`.'),
  selfReportOrg: set('SELF_REPORT_ORG', org, 'tidemark', 'Org of these events, and of `alert` events of rules over all orgs; nobody else may send events of it while `SELF_REPORT` is on.'),

  publicUrl: optional('PUBLIC_URL', web, 'Where people reach this service; notices link to it.'),
  smtpUrl: secret('SMTP_URL', url('smtp', 'smtps'), 'Mail server that notices go out by; unset, none go by email.'),
  emailFrom: set('ALERT_EMAIL_FROM', mailbox, 'Tidemark <tidemark@localhost>', 'Sender of the mails.'),
  emailTo: set('ALERT_EMAIL_TO', listOf(mailbox), '', 'Who is mailed where the preferences of an org name nobody for so bad a notice.'),
  slackWebhook: secret('SLACK_ANALYTICS_WEBHOOK', web, 'Slack incoming webhook, the destination `analytics`.'),
  slackWebhooks: { ...set('SLACK_WEBHOOKS', listOf(namedUrl), '', 'More of them: `name=url`, separated by commas.'), secret: true },
  twilioAccountSid: optional('TWILIO_ACCOUNT_SID', text, 'Twilio account that SMS are sent by; unset, none are.'),
  twilioAuthToken: secret('TWILIO_AUTH_TOKEN', text, 'Its token.'),
  twilioFrom: optional('TWILIO_FROM', smsSender, 'Number or messaging service (`MG…`) that SMS come from.'),
  twilioBaseUrl: set('TWILIO_BASE_URL', web, 'https://api.twilio.com', 'Where Twilio is reached; for proxies.'),
  smsTo: set('ALERT_SMS_TO', listOf(phoneNumber), '', 'Who is sent an SMS where they name nobody.'),
  builtInAlerts: set('BUILT_IN_ALERTS', oneOf('on', 'off'), 'on', 'Whether a worker enters the alert rules that watch the service itself when it starts.'),
  outboundAllow: set('OUTBOUND_ALLOW', listOf(addressRange), '', 'Private addresses that webhooks may reach; empty, none.'),

  otlpEndpoint: optional('OTEL_EXPORTER_OTLP_ENDPOINT', web, 'OpenTelemetry collector (OTLP over HTTP) for traces; unset, none are made.'),
  logLevel: set('LOG_LEVEL', level, 'info', 'Least level that is logged.'),
  roles: set('ROLES', listOf(oneOf('api', 'ingest', 'worker')), 'api,ingest,worker', 'What this process does.'),
} as const satisfies Record<string, Setting<unknown>>;
