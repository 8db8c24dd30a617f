/**
 * Measures the time from a breach to the webhook, and compares it with Prometheus and Alertmanager on the same breach.
 *
 * Both have the same rule: more than 5 % of a model's answers failed within the last minute. Ours is evaluated as data
 * arrives (`onData`). Prometheus scrapes and evaluates every second, and Alertmanager does not wait. In each round, one
 * of the healthy models gives 20 answers, half of them failed. They are sent as one request, and counted for Prometheus
 * once that is acknowledged. Other models fail now and then, below the threshold.
 *
 * Results: milliseconds from the acknowledgement of the events to the arrival of the webhook. False and missing alerts
 * are counted below the table.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Agent, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Counter, Registry } from 'prom-client';
import { SECOND, sleep } from '../../src/time.ts';
import { call } from '../support/call.ts';
import { endProgress, progress } from '../support/progress.ts';
import { startPrometheusPair } from '../support/prometheus-pair.ts';
import { quantileOfSorted } from '../support/quantile.ts';
import { startService } from '../support/service.ts';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 40);
const TIMEOUT = 30 * SECOND;
const ORG = 'bench';
const models = Array.from({ length: ROUNDS }, (_, round) => `model-${round}`);
const decoys = ['steady-1', 'steady-2', 'steady-3'];

type Side = 'tidemark' | 'prometheus';
/** When each side first reported a model. */
const reported: Record<Side, Map<string, number>> = { tidemark: new Map(), prometheus: new Map() };

function note(side: Side, model: string) {
  if (!reported[side].has(model)) reported[side].set(model, performance.now());
}

const registry = new Registry();
const answers = new Counter({
  name: 'answers_total',
  help: 'Answers of a model.',
  labelNames: ['model', 'outcome'],
  registers: [registry],
});
// A new counter has no increase yet, so the counters of a breach must exist before it.
for (const model of [...models, ...decoys]) {
  for (const outcome of ['success', 'error']) answers.inc({ model, outcome }, 0);
}

/** Receives the webhooks of both sides, and serves the counters to Prometheus. */
const listener = createServer(async (request, response) => {
  const body = await text(request);
  if (request.url === '/metrics') {
    response.end(await registry.metrics());
    return;
  }
  const message = JSON.parse(body);
  if (request.url === '/prometheus') {
    for (const alert of message.alerts) note('prometheus', alert.labels.model);
  } else if (message.type === 'alert.firing') note('tidemark', message.data.group.modelId);
  response.end();
});
listener.listen(0, '127.0.0.1');
await once(listener, 'listening');
const own = `127.0.0.1:${(listener.address() as AddressInfo).port}`;

const service = await startService({ OUTBOUND_ALLOW: '127.0.0.1' });
const agent = new Agent({ keepAlive: true });

async function post(path: string, body: unknown): Promise<void> {
  const { status, text: said } = await call(service, agent, path, Buffer.from(JSON.stringify(body)));
  if (status >= 300) throw new Error(`${path}: ${status}: ${said}`);
}

async function setUp(): Promise<void> {
  await post(`/api/v1/analytics/notifications/webhooks?orgId=${ORG}`, {
    name: 'bench',
    url: `http://${own}/tidemark`,
  });
  await post('/api/v1/analytics/alerts/configs', {
    orgId: ORG,
    name: 'Failing',
    metric: 'usage.error_rate',
    type: 'threshold_above',
    threshold: 0.05,
    groupBy: ['modelId'],
    windowSeconds: 60,
    intervalSeconds: 60,
    onData: true,
    minimumSamples: 1,
    channels: [{ channel: 'webhook', to: 'bench' }],
  });
}

/** Sends answers of a model, and counts them for Prometheus once acknowledged. Resolves to the time of that. */
async function answer(model: string, succeeded: number, failed: number): Promise<number> {
  const event = (status: string) => ({
    eventId: randomUUID(),
    orgId: ORG,
    type: 'usage',
    occurredAt: new Date().toISOString(),
    modelId: model,
    latencyMs: 100,
    status,
    inputTokens: 10,
    outputTokens: 10,
    costEstimateCents: 0.01,
  });
  await post('/analytics/v1/events', [
    ...Array.from({ length: succeeded }, () => event('success')),
    ...Array.from({ length: failed }, () => event('error')),
  ]);
  answers.inc({ model, outcome: 'success' }, succeeded);
  answers.inc({ model, outcome: 'error' }, failed);
  return performance.now();
}

let steady = true;

async function sendSteadily(): Promise<void> {
  for (let beat = 0; steady; beat++) {
    for (const model of decoys) await answer(model, 99, beat % 3 === 0 ? 1 : 0);
    await sleep(SECOND);
  }
}

const delays: Record<Side, number[]> = { tidemark: [], prometheus: [] };
const missed: Record<Side, number> = { tidemark: 0, prometheus: 0 };

async function breach(model: string): Promise<void> {
  const began = await answer(model, 10, 10);
  for (const side of ['tidemark', 'prometheus'] as const) {
    while (!reported[side].has(model) && performance.now() - began < TIMEOUT) await sleep(5);
    const at = reported[side].get(model);
    if (at === undefined) missed[side]++;
    else delays[side].push(at - began);
  }
}

function row(side: Side) {
  const sorted = delays[side].sort((a, b) => a - b);
  const at = (q: number) => Math.round(quantileOfSorted(sorted, q));
  const wrong = [...reported[side].keys()].filter((model) => decoys.includes(model)).length;
  return {
    reported: sorted.length,
    missed: missed[side],
    'false reports': wrong,
    p50: at(0.5),
    p99: at(0.99),
    max: at(1),
  };
}

let pair: Awaited<ReturnType<typeof startPrometheusPair>> | undefined;
try {
  await setUp();
  pair = await startPrometheusPair({
    target: own,
    expression:
      'sum by (model) (rate(answers_total{outcome="error"}[1m])) / sum by (model) (rate(answers_total[1m])) > 0.05',
    webhook: `http://${own}/prometheus`,
  });
  const steadily = sendSteadily();
  for (const model of models) await answer(model, 5, 0);
  await sleep(5 * SECOND);
  for (const [round, model] of models.entries()) {
    progress(`breach ${round + 1} of ${ROUNDS}`);
    await breach(model);
    // Random, so that breaches occur anywhere between two scrapes, evaluations and roll-ups.
    await sleep(SECOND / 2 + Math.random() * SECOND);
  }
  steady = false;
  await steadily;
  endProgress();
  const [ours, theirs] = [row('tidemark'), row('prometheus')];
  console.log('Milliseconds from the acknowledgement of the events to the webhook.');
  console.table({ Tidemark: ours, 'Prometheus and Alertmanager': theirs });
  console.log(
    `p50 ${(ours.p50 / theirs.p50).toFixed(2)}, p99 ${(ours.p99 / theirs.p99).toFixed(2)} of theirs`,
  );
} finally {
  steady = false;
  await pair?.stop();
  agent.destroy();
  await service.stop();
  listener.closeAllConnections();
  listener.close();
}
