import { Type } from 'typebox';
import { CodedError } from '../../errors.ts';
import { sleep } from '../../time.ts';
import { isPublic } from '../shell/authenticate.ts';
import type { ReplyTo, RequestTo, Server } from '../shell/typed-server.ts';

/** Something that the service cannot work without. */
export interface DependencyCheck {
  name: string;
  /** Resolves if it works; rejects with the reason if it does not. */
  check(): Promise<void>;
}

/** A dependency that takes longer counts as unavailable. */
const CHECK_BUDGET_MS = 1_000;

interface StatusOptions {
  checks: readonly DependencyCheck[];
  metrics: { registry: { metrics(): Promise<string>; contentType: string } };
}

const config = isPublic;
const tags = ['Status'];

/** Liveness, readiness and metrics: public, because probes and scrapers send no token. */
export function registerStatusRoutes(server: Server, { checks, metrics }: StatusOptions): void {
  let closing = false;
  server.addHook('preClose', async () => {
    closing = true;
  });
  server.get('/analytics/v1/status/healthz', healthRoute, async () => ({ status: 'ok' as const }));
  server.get('/analytics/v1/status/readyz', readyRoute, (request) => ready(checks, closing, request));
  server.get('/metrics', metricsRoute, (_request, reply) => scrape(metrics, reply));
}

const healthRoute = {
  config,
  schema: {
    tags,
    summary: 'Answer whether the process is alive',
    response: { 200: Type.Object({ status: Type.Literal('ok') }) },
  },
};

const readyRoute = {
  config,
  schema: {
    tags,
    summary: 'Answer whether every dependency of the service is available',
    response: {
      200: Type.Object({
        status: Type.Literal('ready'),
        checks: Type.Record(Type.String(), Type.Literal('ok')),
      }),
    },
  },
};

async function ready(
  checks: readonly DependencyCheck[],
  closing: boolean,
  request: RequestTo<typeof readyRoute>,
) {
  if (closing) throw new CodedError('unavailable', 'The service is stopping.');
  const failures = await Promise.all(checks.map(failureOf));
  const faults = failures.filter((failure) => failure !== undefined);
  for (const { path, reason } of faults) request.log.warn({ dependency: path, err: reason }, 'not ready');
  if (faults.length > 0) {
    throw new CodedError('unavailable', `Not ready: ${faults.map((fault) => fault.path).join(', ')}.`, {
      faults: faults.map(({ path, message }) => ({ path, message })),
    });
  }
  return {
    status: 'ready' as const,
    checks: Object.fromEntries(checks.map(({ name }) => [name, 'ok' as const])),
  };
}

/** Why a dependency counts as unavailable, or `undefined` if it works. Only the log shows the reason. */
async function failureOf({ name, check }: DependencyCheck) {
  const timer = new AbortController();
  try {
    const late = sleep(CHECK_BUDGET_MS, timer.signal).then(() => 'late' as const);
    if ((await Promise.race([check(), late])) !== 'late') return undefined;
    return { path: name, message: `did not answer within ${CHECK_BUDGET_MS} ms`, reason: undefined };
  } catch (reason) {
    return { path: name, message: 'is not available', reason };
  } finally {
    timer.abort();
  }
}

const metricsRoute = {
  config,
  schema: {
    tags,
    summary: 'Metrics in the Prometheus text format',
    produces: ['text/plain'],
    response: { 200: Type.String() },
  },
};

async function scrape({ registry }: StatusOptions['metrics'], reply: ReplyTo<typeof metricsRoute>) {
  return reply.type(registry.contentType).send(await registry.metrics());
}
