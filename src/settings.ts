import { isIP } from 'node:net';
import { ALL_ORGS } from './events/all-orgs.ts';
import { BY_PREFERENCE } from './reserved-names.ts';
import { duration, listOf, oneOf, type Parse, secretOf, text, url, wholeNumber } from './setting.ts';

/** One environment variable. Without a `default` the setting may be `undefined`. */
export interface Setting<T, Default extends string | undefined = string | undefined> {
  env: string;
  parse: Parse<T>;
  default: Default;
  /** A sentence for the operator about its effect. */
  meaning: string;
  /** Whether its value must never be shown. */
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
    throw new Error('IP addresses or CIDR ranges, separated by commas, such as 10.0.0.0/8');
  }
  return given;
};

const web = url('https', 'http');

/** `name=url`, or `org/name=url` for one org alone. */
const slackDestination: Parse<{ orgId: string | undefined; name: string; url: string }> = (given) => {
  const at = given.indexOf('=');
  const [named, address] = [given.slice(0, at), given.slice(at + 1)];
  const slash = named.lastIndexOf('/');
  const name = named.slice(slash + 1);
  if (!/^[a-z0-9][a-z0-9_-]{0,63}$/.test(name) || name === BY_PREFERENCE) {
    throw new Error(`name=url or org/name=url, the name of a-z, 0-9, - and _, and not ${BY_PREFERENCE}`);
  }
  return { orgId: slash > 0 ? named.slice(0, slash) : undefined, name, url: web(address) };
};

const phoneNumber: Parse<string> = (given) => {
  if (!/^\+[1-9]\d{6,14}$/.test(given))
    throw new Error('phone numbers such as +4915112345678, separated by commas');
  return given;
};

const phonePrefix: Parse<string> = (given) => {
  if (!/^\+[1-9]\d{0,14}$/.test(given))
    throw new Error('beginnings of phone numbers such as +49, separated by commas');
  return given;
};

/** An address as mail programs show it: `ops@example.com`, or `Ops <ops@example.com>`. */
const mailbox: Parse<string> = (given) => {
  const address = /^[^<>\p{Cc}]*<([^<>]+)>$/u.exec(given)?.[1] ?? given;
  if (!/^[^\s@<>"(),:;[\]\\]+@[^\s@<>"(),:;[\]\\]+$/.test(address))
    throw new Error('email addresses such as ops@example.com or Ops <ops@example.com>');
  return given;
};

const bucketName: Parse<string> = (given) => {
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(given))
    throw new Error(
      'names of buckets: 3 to 63 characters from a-z, 0-9, dots and hyphens, separated by commas',
    );
  return given;
};

const keyPrefix: Parse<string> = (given) => {
  if (!/^([A-Za-z0-9._-]+\/)*$/.test(given))
    throw new Error('folders that each end with a slash, such as exports/');
  return given;
};

/** `value=role`: the role of a value of a claim, which may itself have an equals sign. */
const roleOfClaim: Parse<{ value: string; role: string }> = (given) => {
  const at = given.lastIndexOf('=');
  const [value, role] = [given.slice(0, at).trim(), given.slice(at + 1).trim()];
  if (at === -1 || value === '' || role === '')
    throw new Error('value=role, separated by commas, such as platform-team=engineer');
  return { value, role };
};

const scopes: Parse<string> = (given) => {
  const names = given.split(/\s+/);
  if (!names.includes('openid'))
    throw new Error('scopes separated by spaces, openid among them, such as openid profile email');
  return names.join(' ');
};

const smsSender: Parse<string> = (given) => {
  if (!/^(\+[1-9]\d{6,14}|MG[0-9a-fA-F]{32}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}|\d{3,8})$/.test(given))
    throw new Error(
      'a number such as +4915112345678, a messaging service (MG…), a short code or a sender name',
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

/** All settings. Reading, checking and documentation use this table. */
// biome-ignore format: one setting, one row
export const settings = {
  httpPort: set('HTTP_PORT', wholeNumber(0, 65_535), '8084', 'Port of the HTTP API. 0 takes a free port.'),
  httpHost: set('HTTP_HOST', text, '127.0.0.1', 'Address that the HTTP API listens on.'),
  dataDir: set('DATA_DIR', text, './data', 'Folder of the embedded database and of the generated token secret.'),

  databaseUrl: secret('DATABASE_URL', postgres, 'PostgreSQL to use. If unset, an embedded PostgreSQL runs in `DATA_DIR`.'),
  databasePoolMax: set('DATABASE_POOL_MAX', count(4, 500), '12', 'Maximum number of connections from this process to PostgreSQL.'),
  redisUrl: secret('REDIS_URL', url('redis', 'rediss'), 'Redis for cached answers and shared rate limits. If unset, each process keeps its own.'),
  rabbitmqUrl: secret('RABBITMQ_URL', url('amqp', 'amqps'), 'RabbitMQ to read events from. If unset, none is used.'),
  rabbitmqStream: set('RABBITMQ_STREAM', text, 'analytics.usage.v1', 'Stream or queue that events are read from.'),
  rabbitmqQueueType: set('RABBITMQ_QUEUE_TYPE', oneOf('stream', 'quorum'), 'stream', 'Type of `RABBITMQ_STREAM`: a stream, read by one process at a time, or a quorum queue, shared by all.'),
  rabbitmqPrefetch: set('RABBITMQ_PREFETCH', count(1, 65_535), '2000', 'Messages that the broker sends before it waits for acknowledgements. Use fewer for large messages.'),
  rabbitmqBatchTimeout: set('RABBITMQ_BATCH_TIMEOUT', duration('0ms', '60s'), '50ms', 'Maximum time that a message waits for others to share its transaction.'),

  jwtSecret: secret('JWT_SECRET', secretOf(32), 'Shared secret of HS256 tokens. If neither it nor `JWKS_URL` is set, a secret is generated in `DATA_DIR`.'),
  jwtSecretPrevious: secret('JWT_SECRET_PREVIOUS', secretOf(32), 'The secret before `JWT_SECRET`. Tokens signed with it are still accepted, and no new ones are made.'),
  jwksUrl: optional('JWKS_URL', web, 'Key set that RS, PS, ES and EdDSA tokens are verified with.'),
  jwtAudience: optional('JWT_AUDIENCE', text, 'Audience that tokens must name. If unset, the audience is not checked.'),
  jwtIssuer: optional('JWT_ISSUER', text, 'Issuer that tokens must name. If unset, the issuer is not checked.'),
  maxTokenLifetime: set('MAX_TOKEN_LIFETIME', duration('1m', '3650d'), '90d', 'Longest time from the issue of a token to its expiry. Tokens that live longer are refused.'),

  trustedProxies: set('TRUSTED_PROXIES', listOf(addressRange), '', 'Proxies whose `X-Forwarded-For` is trusted. If empty, no proxy is.'),
  rateLimitPerMinute: set('RATE_LIMIT_PER_MINUTE', count(0), '6000', 'Requests that a caller may make each minute, apart from those with events. 0 disables the limit.'),
  ingestRateLimitPerMinute: set('INGEST_RATE_LIMIT_PER_MINUTE', count(0), '600000', 'Requests with events that a caller may make each minute. 0 disables the limit.'),
  publicRateLimitPerMinute: set('PUBLIC_RATE_LIMIT_PER_MINUTE', count(0), '600', 'Requests of public pages that an address may make each minute, apart from probes and `/metrics`. 0 disables the limit.'),
  signInRateLimitPerMinute: set('SIGN_IN_RATE_LIMIT_PER_MINUTE', count(0), '60', 'Attempts to sign in to the console that an address may make each minute. 0 disables the limit.'),
  maxConnections: set('MAX_CONNECTIONS', count(10, 100_000), '2000', 'Open connections of callers. An address holds at most as many as are still free, so one alone gets half.'),
  maxAnswerBytesInFlight: set('MAX_ANSWER_BYTES_IN_FLIGHT', count(1_000_000), '64000000', 'Bytes of answers that wait until their callers read them. An org holds at most as many as are still free, so one alone gets half.'),
  requestTimeout: set('REQUEST_TIMEOUT', duration('1s', '10m'), '30s', 'Time for a request to arrive completely, and the same again for its answer.'),
  shutdownTimeout: set('SHUTDOWN_TIMEOUT', duration('0s', '10m'), '20s', 'Time for open requests to finish when the service stops.'),

  ingestionBatchSize: set('INGESTION_BATCH_SIZE', count(1, 50_000), '5000', 'Maximum number of events in one transaction.'),
  ingestionBatchTimeout: set('INGESTION_BATCH_TIMEOUT', duration('0ms', '60s'), '5ms', 'Maximum time that an event waits for others to share its transaction.'),
  ingestionWorkers: set('INGESTION_WORKERS', count(1, 64), '3', 'Number of parallel transactions that store events.'),
  ingestionTimeout: set('INGESTION_TIMEOUT', duration('1s', '10m'), '20s', 'Time limit of each statement that stores events. After it, callers are asked to send again.'),
  maxQueuedEvents: set('MAX_QUEUED_EVENTS', count(1), '40000', 'Events held in memory until they are stored. An org holds at most as many as are still free, so one alone gets half. Beyond this, callers are asked to retry.'),
  maxBodyBytesInFlight: set('MAX_BODY_BYTES_IN_FLIGHT', count(20_000_000), '40000000', 'Bytes of request bodies held in memory. An org holds at most as many as are still free, so one alone gets half. Beyond this, callers are asked to retry.'),

  traceMemory: set('TRACE_MEMORY', duration('0s', '24h'), '1h', 'Time that the spans around counted calls are remembered, so that a span of a later request that repeats a call is not counted. 0s turns it off.'),
  callIdentity: set('CALL_IDENTITY', oneOf('answer', 'report'), 'answer', 'What makes two reports one call. `answer` is the id that the provider gave its answer, so a gateway and an application count once. `report` is for caches that replay old ids.'),

  rollupInterval: set('ROLLUP_INTERVAL', duration('100ms', '1h'), '1s', 'Maximum time between two roll-ups. It is shorter while there is little to do.'),
  freshnessCacheTtl: set('FRESHNESS_CACHE_TTL', duration('0s', '1h'), '60s', 'Time that a cached freshness is served.'),
  rawRetention: set('RAW_RETENTION', duration('1d', '3650d'), '7d', 'Time that raw events are kept.'),
  dedupWindow: set('DEDUP_WINDOW', duration('1d', '3650d'), '32d', 'Time that an event id is remembered. It must be at least `RAW_RETENTION`.'),

  dashboardCacheTtl: set('DASHBOARD_CACHE_TTL', duration('0s', '1h'), '60s', 'Maximum age of a section of the dashboard summary. 0s disables the cache.'),
  prometheusUrl: secret('PROMETHEUS_URL', web, 'Prometheus server that scrapes the service, for real-time figures. If unset, the service reads `/metrics` itself.'),
  metricsTargets: set('METRICS_TARGETS', listOf(web), '', 'URLs of `/metrics` of all processes, separated by commas, for use without Prometheus. If empty, this process alone is read.'),
  realtimeWindow: set('REALTIME_WINDOW', duration('5s', '1h'), '1m', 'Window of real-time rates and percentiles. It must be at least twice the scrape interval of Prometheus.'),
  healthErrorPercent: set('HEALTH_ERROR_PERCENT', count(1, 100), '5', 'Percentage of requests answered with 5xx from which health is degraded.'),
  healthDownPercent: set('HEALTH_DOWN_PERCENT', count(1, 100), '50', 'Percentage of requests answered with 5xx from which the platform counts as down.'),
  healthLatency: set('HEALTH_LATENCY', duration('1ms', '10m'), '2s', 'p95 latency of requests above which health is degraded.'),
  selfReport: set('SELF_REPORT', oneOf('on', 'off'), 'off', 'Whether the service reports its own requests, as `api_request` events of `SELF_REPORT_ORG`.'),
  selfReportOrg: set('SELF_REPORT_ORG', org, 'tidemark', 'Org of these events, and of `alert` events of rules over all orgs. While `SELF_REPORT` is on, nobody else may send its events.'),

  orgMetrics: set('ORG_METRICS', oneOf('on', 'off'), 'off', 'Whether `/metrics/orgs` shows usage by org and model, to admins.'),

  oidcIssuer: optional('OIDC_ISSUER', web, 'Provider of OpenID Connect that signs people in to the console. `PUBLIC_URL` must be set too. If unset, none does.'),
  oidcClientId: optional('OIDC_CLIENT_ID', text, 'Client id of this service at the provider.'),
  oidcClientSecret: secret('OIDC_CLIENT_SECRET', text, 'Client secret of this service at the provider. If unset, it is a public client: PKCE alone protects the sign-in.'),
  oidcScopes: set('OIDC_SCOPES', scopes, 'openid profile email', 'Scopes that are asked of the provider, separated by spaces.'),
  oidcRolesClaim: set('OIDC_ROLES_CLAIM', text, 'roles', 'Claim with the roles or groups of a person: its name, or a path such as `realm_access.roles`.'),
  oidcOrgsClaim: set('OIDC_ORGS_CLAIM', text, 'orgs', 'Claim with the orgs of a person: its name, or a path.'),
  oidcRoleMap: set('OIDC_ROLE_MAP', listOf(roleOfClaim), '', 'Roles of the values of that claim, separated by commas: `platform-team=engineer,controllers=finance`. Other values give none. If empty, the values are names of roles.'),
  oidcDefaultRole: optional('OIDC_DEFAULT_ROLE', text, 'Role of a person to whom the provider gives none. If unset, that person is refused.'),
  oidcLabel: set('OIDC_LABEL', text, 'single sign-on', 'Name of the provider on the login page: "Continue with …".'),

  publicUrl: optional('PUBLIC_URL', web, 'URL at which people reach this service. Notices link to it.'),
  smtpUrl: secret('SMTP_URL', url('smtp', 'smtps'), 'Mail server that sends notices. If unset, no notice is sent by email.'),
  emailFrom: set('ALERT_EMAIL_FROM', mailbox, 'Tidemark <tidemark@localhost>', 'Sender of notices by email.'),
  emailTo: set('ALERT_EMAIL_TO', listOf(mailbox), '', 'Fallback email recipients, used when no preference of an org covers the severity.'),
  slackWebhook: secret('SLACK_ANALYTICS_WEBHOOK', web, 'Slack incoming webhook of the destination `analytics`.'),
  slackWebhooks: { ...set('SLACK_WEBHOOKS', listOf(slackDestination), '', 'Further Slack destinations, separated by commas: `org/name=url` for one org alone, `name=url` for every org.'), secret: true },
  twilioAccountSid: optional('TWILIO_ACCOUNT_SID', text, 'Twilio account that sends SMS. If unset, no SMS is sent.'),
  twilioAuthToken: secret('TWILIO_AUTH_TOKEN', text, 'Auth token of the Twilio account.'),
  twilioFrom: optional('TWILIO_FROM', smsSender, 'Sender of SMS: a number or a messaging service (`MG…`).'),
  twilioBaseUrl: set('TWILIO_BASE_URL', web, 'https://api.twilio.com', 'Base URL of Twilio, to go through a proxy.'),
  smsTo: set('ALERT_SMS_TO', listOf(phoneNumber), '', 'Fallback SMS recipients, used when no preference of an org covers the severity.'),
  smsPrefixes: set('SMS_PREFIXES', listOf(phonePrefix), '', 'Beginnings of the phone numbers that may get SMS, such as +49,+43. If empty, every number may.'),
  builtInAlerts: set('BUILT_IN_ALERTS', oneOf('on', 'off'), 'on', 'Whether a worker creates the alert rules about the service itself when it starts.'),
  alertGroupWait: set('ALERT_GROUP_WAIT', duration('0s', '10m'), '30s', 'Time after a message in which further alerts for the same person wait, to be told together. At most 5 s for critical ones. 0s: each alert is a message.'),
  alertEvaluationBudget: set('ALERT_EVALUATION_BUDGET', duration('1s', '1m'), '20s', 'Time of evaluation in a minute that the alert rules of an org have in a worker. Beyond it, they wait for the rules of other orgs.'),
  outboundAllow: set('OUTBOUND_ALLOW', listOf(addressRange), '', 'Private addresses that webhooks may reach. If empty, they may reach none.'),

  exportDir: optional('EXPORT_DIR', text, 'Folder of exported files, for this installation alone. If unset, `exports` in `DATA_DIR`.'),
  s3Bucket: set('S3_BUCKET', listOf(bucketName), '', 'Buckets that exports may be delivered to, separated by commas; the first one by default. If empty, none may be.'),
  s3Endpoint: optional('S3_ENDPOINT', web, 'Server with the API of S3. If unset, S3 itself.'),
  s3Region: set('S3_REGION', text, 'us-east-1', 'Region of the buckets.'),
  s3AccessKey: optional('S3_ACCESS_KEY', text, 'Access key of S3. If unset, the AWS SDK looks for credentials itself.'),
  s3SecretKey: secret('S3_SECRET_KEY', text, 'Secret key of `S3_ACCESS_KEY`.'),
  s3Prefix: set('S3_PREFIX', keyPrefix, '', 'Begin of the keys of exported files, such as `exports/`.'),
  s3ForcePathStyle: set('S3_FORCE_PATH_STYLE', oneOf('on', 'off'), 'off', 'Whether the bucket is in the path of URLs and not in their host, as most servers other than S3 need it.'),
  s3Sse: optional('S3_SSE', oneOf('AES256', 'aws:kms'), 'Encryption of objects by S3. If unset, that of the bucket.'),
  exportRetention: set('EXPORT_RETENTION', duration('1h', '3650d'), '90d', 'Time that exported files are kept.'),
  exportWorkerConcurrency: set('EXPORT_WORKER_CONCURRENCY', count(1, 32), '2', 'Exports that a worker writes at the same time. Each has a connection to PostgreSQL of its own, beside those of `DATABASE_POOL_MAX`.'),
  exportIssuerName: set('EXPORT_ISSUER_NAME', text, 'Tidemark', 'Issuer of the costs in FOCUS files. It also stands for the provider of a model without one.'),
  exportSignedUrlTtl: set('EXPORT_SIGNED_URL_TTL', duration('1m', '24h'), '15m', 'Time that a download link is valid.'),

  quotaRules: set('QUOTA_RULES', count(0), '2000', 'Alert rules of an org. 0 disables this quota, as it does every other one.'),
  quotaApiKeys: set('QUOTA_API_KEYS', count(0), '1000', 'API keys of an org that are neither revoked nor expired.'),
  quotaWebhooks: set('QUOTA_WEBHOOKS', count(0), '200', 'Webhooks of an org.'),
  quotaPreferences: set('QUOTA_PREFERENCES', count(0), '10000', 'Notification preferences of an org.'),
  quotaSeries: set('QUOTA_SERIES', count(0), '500000', 'Series of an org: different combinations of event type and dimensions.'),
  quotaDetailedSeries: set('QUOTA_DETAILED_SERIES', count(0), '50000', 'Series of an org from which on its new clients and values of labels count as `(other)`.'),
  quotaEventsPerDay: set('QUOTA_EVENTS_PER_DAY', count(0, 100_000_000_000), '500000000', 'Events that an org may send each UTC day.'),
  quotaStoredBytes: set('QUOTA_STORED_BYTES', count(0, 100_000_000_000_000), '1000000000000', 'Bytes of raw events of an org that were stored within `RAW_RETENTION`.'),
  quotaPendingNotices: set('QUOTA_PENDING_NOTICES', count(0), '10000', 'Notices of an org that wait to be sent. Beyond it the newest ones are given up, critical ones last.'),
  quotaOpenExports: set('QUOTA_OPEN_EXPORTS', count(0), '100', 'Exports of an org that wait or are being written.'),
  quotaTrialsPerDay: set('QUOTA_TRIALS_PER_DAY', count(0), '100', 'Test notices that an org may send each UTC day.'),
  quotaSmsPerDay: set('QUOTA_SMS_PER_DAY', count(0), '500', 'SMS that an org may send each UTC day, with test notices.'),
  quotaEmailsPerDay: set('QUOTA_EMAILS_PER_DAY', count(0), '10000', 'Emails that an org may send each UTC day, with test notices.'),

  otlpEndpoint: optional('OTEL_EXPORTER_OTLP_ENDPOINT', web, 'OpenTelemetry collector for traces (OTLP over HTTP). If unset, no traces are recorded.'),
  logLevel: set('LOG_LEVEL', level, 'info', 'Lowest level that is logged.'),
  roles: set('ROLES', listOf(oneOf('api', 'ingest', 'worker')), 'api,ingest,worker', 'Roles of this process: it serves the API, takes in events, runs background work.'),
} as const satisfies Record<string, Setting<unknown>>;
