import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type Agent, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SECOND, sleep } from '../../../src/time.ts';
import { call } from '../call.ts';
import type { Service } from '../service.ts';

/** Whoever waits longer for an alert has missed it. */
const TIMEOUT = 30 * SECOND;

/** A rule that alerts on each model whose answers fail, as soon as events arrive. */
export function failingRule(orgId: string, webhook: string): object {
  return {
    ...{
      orgId,
      name: 'Failing',
      severity: 'critical',
      groupBy: ['modelId'],
      onData: true,
      minimumSamples: 1,
    },
    ...{ metric: 'usage.error_rate', type: 'threshold_above', threshold: 0.05 },
    ...{ windowSeconds: 60, intervalSeconds: 60, channels: [{ channel: 'webhook', to: webhook }] },
  };
}

/** Ten answers of a model, all of which failed. */
export function failingEvents(orgId: string, modelId: string): object[] {
  return Array.from({ length: 10 }, () => ({
    ...{ eventId: randomUUID(), orgId, modelId, occurredAt: new Date().toISOString(), type: 'usage' },
    ...{ latencyMs: 100, status: 'error', inputTokens: 10, outputTokens: 10, costEstimateCents: 0.01 },
  }));
}

export interface Breaches {
  /** A URL that takes requests and never answers. */
  hangingUrl: string;
  /**
   * Makes one model after another fail for so long, once a second.
   * @returns milliseconds from the acknowledgement of each failure to its webhook; `Infinity`: none within 30 s
   */
  measure(duration: number): Promise<number[]>;
  stop(): void;
}

/** Sets up a critical alert of an org with a webhook of ours. `service.token` must be of an admin. */
export async function startBreaches(service: Service, agent: Agent, orgId: string): Promise<Breaches> {
  const arrived = new Map<string, number>();
  const listener = createServer(async (request, response) => {
    if (request.url === '/hang') return;
    const message = JSON.parse(await text(request));
    const model = message.data.group.modelId;
    if (message.type === 'alert.firing' && !arrived.has(model)) arrived.set(model, performance.now());
    response.end();
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const own = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  const post = async (path: string, body: unknown): Promise<void> => {
    const { status, text: said } = await call(service, agent, path, Buffer.from(JSON.stringify(body)));
    if (status >= 300) throw new Error(`${path}: ${status}: ${said}`);
  };
  await post(`/api/v1/analytics/notifications/webhooks?orgId=${orgId}`, { name: 'bench', url: `${own}/` });
  await post('/api/v1/analytics/alerts/configs', failingRule(orgId, 'bench'));

  const breach = async (): Promise<number> => {
    const model = `failing-${randomUUID()}`;
    await post('/analytics/v1/events', failingEvents(orgId, model));
    const acknowledged = performance.now();
    while (!arrived.has(model) && performance.now() - acknowledged < TIMEOUT) await sleep(5);
    return (arrived.get(model) ?? Number.POSITIVE_INFINITY) - acknowledged;
  };
  return {
    hangingUrl: `${own}/hang`,
    async measure(duration) {
      const running: Promise<number>[] = [];
      for (const end = performance.now() + duration; performance.now() < end; await sleep(SECOND)) {
        running.push(breach());
      }
      return Promise.all(running);
    },
    stop() {
      listener.closeAllConnections();
      listener.close();
    },
  };
}
