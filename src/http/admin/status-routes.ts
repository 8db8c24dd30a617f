import { Type } from 'typebox';
import { CodedError } from '../../errors.ts';
import { sleep } from '../../time.ts';
import type { Server } from '../shell/typed-server.ts';

/** Something the service cannot work without. */
export interface DependencyCheck {
  name: string;
  /** Resolves when it is there; rejects with the reason when it is not. */
  check(): Promise<void>;
}

/** Longest a check may take before its dependency counts as away. */
const CHECK_BUDGET_MS = 1_000;

interface StatusOptions {
  checks: readonly DependencyCheck[];
  metrics: { registry: { metrics(): Promise<string>; contentType: string } };
}

const tags = ['Status'];

/** Liveness, readiness and metrics: open to everybody, since probes and scrapers carry no token. */
export function registerStatusRoutes(server: Server, { checks, metrics }: StatusOptions): void {
  let closing = false;
  server.addHook('preClose', async () => {
    closing = true;
  });

  server.get(
    '/analytics/v1/status/healthz',
    {
      config: { access: 'public' },
      schema: {
        tags,
        summary: 'Whether the process is alive',
        response: { 200: Type.Object({ status: Type.Literal('ok') }) },
      },
    },
    async () => ({ status: 'ok' as const }),
  );

  server.get(
    '/analytics/v1/status/readyz',
    {
      config: { access: 'public' },
      schema: {
        tags,
        summary: 'Whether everything the service depends on is there',
        response: {
          200: Type.Object({
            status: Type.Literal('ready'),
            checks: Type.Record(Type.String(), Type.Literal('ok')),
          }),
        },
      },
    },
    async (request) => {
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
    },
  );

  server.get(
    '/metrics',
    {
      config: { access: 'public' },
      schema: {
        tags,
        summary: 'Metrics in the Prometheus text format',
        produces: ['text/plain'],
        response: { 200: Type.String() },
      },
    },
    async (_request, reply) =>
      reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
}

/** Why a dependency counts as away, or `undefined` when it is there. The reason is for the log alone. */
async function failureOf({ name, check }: DependencyCheck) {
  const giveUp = new AbortController();
  try {
    const late = sleep(CHECK_BUDGET_MS, giveUp.signal).then(() => 'late' as const);
    if ((await Promise.race([check(), late])) !== 'late') return undefined;
    return { path: name, message: `did not answer within ${CHECK_BUDGET_MS} ms`, reason: undefined };
  } catch (reason) {
    return { path: name, message: 'is not available', reason };
  } finally {
    giveUp.abort();
  }
}
