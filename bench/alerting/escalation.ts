/**
 * Measures how soon a provider accepts a notice while the other channels fail: the webhook hangs, Slack answers 500 and
 * the mail server refuses connections. Two hundred alerts of four orgs fire within a second, in four parts. One part has
 * critical alerts by SMS. For two parts Twilio answers 500 or does not answer, so that their critical alerts escalate to
 * Slack. The last part has warnings by Slack. Providers that answer take 200 ms.
 *
 * Results: seconds from the time an alert fired, by its history, to the answer of the provider. The target at p99 is
 * 30 s for critical alerts and 5 min for warnings.
 */
import { once } from 'node:events';
import { Agent, createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createPool } from '../../src/database/pool.ts';
import { MINUTE, SECOND, sleep } from '../../src/time.ts';
import { call } from '../support/call.ts';
import { endProgress, progress } from '../support/progress.ts';
import { quantileOfSorted } from '../support/quantile.ts';
import { startService } from '../support/service.ts';

const ALERTS = Number(process.env.BENCH_ALERTS ?? 200);
const ORGS = 4;
const PER_ORG = Math.ceil(ALERTS / ORGS);
const TIMEOUT = 6 * MINUTE;
const ANSWERS_AFTER = SECOND / 5;
const CRITICAL_TARGET = 30;
const WARNING_TARGET = 300;

type Provider = 'twilio' | 'slack' | 'hook';
type Behaviour = 'accepts' | 'fails' | 'hangs';
const behaviours: Record<Provider, Behaviour> = { twilio: 'accepts', slack: 'fails', hook: 'hangs' };
/** When each provider accepted the notice of a model; milliseconds. */
const accepted: Record<Provider, Map<string, number>> = {
  twilio: new Map(),
  slack: new Map(),
  hook: new Map(),
};

async function answer(provider: Provider, body: string, response: ServerResponse): Promise<void> {
  if (behaviours[provider] === 'hangs') return;
  await sleep(ANSWERS_AFTER);
  if (behaviours[provider] === 'fails') {
    response.writeHead(500).end('down');
    return;
  }
  const model = /model-\w+/.exec(body)?.[0] ?? '';
  if (!accepted[provider].has(model)) accepted[provider].set(model, Date.now());
  response.writeHead(201, { 'content-type': 'application/json' }).end('{"sid":"SM1"}');
}

const providers = createServer(async (request, response) => {
  const body = await text(request);
  const { url = '' } = request;
  const provider = url.endsWith('/Messages.json') ? 'twilio' : url.startsWith('/slack') ? 'slack' : 'hook';
  await answer(provider, body, response);
});
providers.listen(0, '127.0.0.1');
await once(providers, 'listening');
const own = `http://127.0.0.1:${(providers.address() as AddressInfo).port}`;

const service = await startService({
  TWILIO_ACCOUNT_SID: 'AC1',
  TWILIO_AUTH_TOKEN: 'token',
  TWILIO_FROM: '+15005550006',
  TWILIO_BASE_URL: own,
  ALERT_SMS_TO: '+4915112345678',
  SLACK_ANALYTICS_WEBHOOK: `${own}/slack`,
  // Nothing listens on this port.
  SMTP_URL: 'smtp://127.0.0.1:1',
  ALERT_EMAIL_TO: 'oncall@example.com',
  OUTBOUND_ALLOW: '127.0.0.1',
  // Otherwise the built-in rules would report the failing channels through the same channels.
  BUILT_IN_ALERTS: 'off',
  LOG_LEVEL: 'error',
  // An SMS for fifty models does not name each, so each alert is a message.
  ALERT_GROUP_WAIT: '0s',
});
const agent = new Agent({ keepAlive: true });
const pool = createPool({
  connectionString: service.databaseUrl,
  max: 2,
  applicationName: 'bench',
  statementTimeoutMs: 0,
  onError: () => {},
});

async function post(path: string, body: unknown): Promise<void> {
  const { status, text: said } = await call(service, agent, path, Buffer.from(JSON.stringify(body)));
  if (status >= 300) throw new Error(`${path}: ${status}: ${said}`);
}

interface Part {
  name: string;
  severity: 'critical' | 'warning';
  channels: readonly string[];
  twilio: Behaviour;
  slack: Behaviour;
  /** The provider that must accept the notice. */
  by: Provider;
  target: number;
}

const orgs = Array.from({ length: ORGS }, (_, index) => `org-${index}`);
const hook = { channel: 'webhook', to: 'hangs' };

async function setUpPart({ name, severity, channels, twilio, slack }: Part, part: number): Promise<void> {
  Object.assign(behaviours, { twilio, slack });
  for (const orgId of orgs) {
    await post('/api/v1/analytics/alerts/configs', {
      orgId,
      name: `Failing ${part}`,
      description: name,
      metric: 'usage.errors',
      type: 'threshold_above',
      threshold: 4,
      windowSeconds: 60,
      filters: { clientId: `part-${part}` },
      groupBy: ['modelId'],
      onData: true,
      severity,
      channels: [hook, ...channels.map((channel) => ({ channel }))],
    });
  }
}

/** Makes every model of an org fail. */
async function breach(orgId: string, part: number): Promise<void> {
  const event = (model: number, call: number) => ({
    type: 'usage',
    eventId: `${orgId}-${part}-${model}-${call}-${process.pid}`,
    orgId,
    occurredAt: new Date().toISOString(),
    modelId: `model-${part}x${orgId.slice(4)}x${model}x`,
    clientId: `part-${part}`,
    latencyMs: 100,
    status: 'error',
    inputTokens: 10,
    outputTokens: 0,
    costEstimateCents: 0,
  });
  const calls = Array.from({ length: PER_ORG * 5 }, (_, index) =>
    event(index % PER_ORG, Math.floor(index / PER_ORG)),
  );
  await post('/analytics/v1/events', calls);
}

/** When the alerts of a part fired, by model. */
async function fired(part: number): Promise<Map<string, number>> {
  const { rows } = await pool.query<{ model: string; at: Date }>(
    `select group_key::jsonb ->> 'modelId' as model, triggered_at as at from analytics.alert_history where name = $1`,
    [`Failing ${part}`],
  );
  return new Map(rows.map(({ model, at }) => [model, at.getTime()]));
}

async function measure(part: Part, number: number) {
  await setUpPart(part, number);
  await sleep(2 * SECOND);
  const began = performance.now();
  await Promise.all(orgs.map((orgId) => breach(orgId, number)));
  let known = new Map<string, number>();
  for (;;) {
    known = await fired(number);
    const missing = [...known.keys()].filter((model) => !accepted[part.by].has(model)).length;
    progress(`${part.name}: ${known.size} fired, ${known.size - missing} accepted`);
    if ((known.size === PER_ORG * ORGS && missing === 0) || performance.now() - began > TIMEOUT) break;
    await sleep(SECOND / 4);
  }
  const seconds = [...known]
    .flatMap(([model, at]) => {
      const taken = accepted[part.by].get(model);
      return taken === undefined ? [] : [(taken - at) / SECOND];
    })
    .sort((a, b) => a - b);
  const at = (q: number) => Number(quantileOfSorted(seconds, q).toFixed(2));
  const met = seconds.length === known.size && at(0.99) <= part.target;
  return {
    fired: known.size,
    accepted: seconds.length,
    'p50 s': at(0.5),
    'p99 s': at(0.99),
    'most s': at(1),
    'target p99 s': part.target,
    '': met ? 'met' : 'missed',
  };
}

const critical = { severity: 'critical', target: CRITICAL_TARGET } as const;
const parts: Part[] = [
  {
    ...critical,
    name: 'critical, by SMS; webhook hangs, Slack answers 500, mail refused',
    channels: ['slack', 'email', 'sms'],
    twilio: 'accepts',
    slack: 'fails',
    by: 'twilio',
  },
  {
    ...critical,
    name: 'critical, SMS answered 500, then by Slack; webhook hangs, mail refused',
    channels: ['email', 'sms'],
    twilio: 'fails',
    slack: 'accepts',
    by: 'slack',
  },
  {
    ...critical,
    name: 'critical, SMS hangs, then by Slack; webhook hangs, mail refused',
    channels: ['email', 'sms'],
    twilio: 'hangs',
    slack: 'accepts',
    by: 'slack',
  },
  {
    name: 'warning, by Slack; webhook and SMS hang, mail refused',
    severity: 'warning',
    target: WARNING_TARGET,
    channels: ['slack', 'email', 'sms'],
    twilio: 'hangs',
    slack: 'accepts',
    by: 'slack',
  },
];

try {
  for (const orgId of orgs) {
    const path = `/api/v1/analytics/notifications/webhooks?orgId=${orgId}`;
    await post(path, { name: 'hangs', url: `${own}/hook` });
  }
  const results: Record<string, Awaited<ReturnType<typeof measure>>> = {};
  for (const [index, part] of parts.entries()) results[part.name] = await measure(part, index + 1);
  endProgress();
  console.log('Seconds from the alert to the provider that took its notice.');
  console.table(results);
} finally {
  agent.destroy();
  await pool.end();
  await service.stop();
  providers.closeAllConnections();
  providers.close();
}
