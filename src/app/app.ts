import type { TokenOptions } from '../auth/jwt.ts';
import type { Config } from '../config.ts';
import { OrgMetrics } from '../ingestion/org-metrics.ts';
import { createFreshnessCache } from '../queries/reading/freshness-cache.ts';
import type { Log } from '../telemetry/log.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { startTraces } from '../telemetry/traces.ts';
import { systemClock } from '../time.ts';
import type { Ground } from './ground.ts';
import { startObservingEvaluation } from './observe-evaluation.ts';
import { createParts } from './parts.ts';
import { serve, tokenOptions, version } from './serve.ts';
import { openStores } from './stores.ts';
import { startSelfReport, startTakingEvents } from './take-events.ts';
import { startWorking } from './work.ts';

export interface App {
  /** Where the API listens, such as http://127.0.0.1:8084. */
  address: string;
  /** What tokens are checked with. */
  tokens: TokenOptions;
  /** Where the embedded database keeps its data; `undefined` with a database of yours. */
  dataLocation: string | undefined;
  /** Takes no more, finishes what was accepted, and ends everything that was started. */
  stop(): Promise<void>;
}

/**
 * Starts the service, upward from the database; `stop` takes it down in reverse. Half a start is undone.
 *
 * @param stopRequested gives the start up when it aborts; once that is done it means nothing to the service
 * @throws what made it fail, or broke off because it was given up
 */
export async function startApp(config: Config, log: Log, stopRequested?: AbortSignal): Promise<App> {
  const { onStop, stop } = createParts(log);
  const givingUp = new AbortController();
  const giveUp = () => givingUp.abort();
  stopRequested?.addEventListener('abort', giveUp);
  const ground: Ground = {
    config,
    log,
    metrics: createMetrics(),
    orgMetrics: config.orgMetrics === 'on' ? new OrgMetrics({ clock: systemClock }) : undefined,
    clock: systemClock,
    onStop,
    givenUp: givingUp.signal,
  };
  try {
    stopRequested?.throwIfAborted();
    return { ...(await start(ground)), stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    stopRequested?.removeEventListener('abort', giveUp);
  }
}

async function start(ground: Ground): Promise<Omit<App, 'stop'>> {
  const { config, onStop } = ground;
  if (config.otlpEndpoint !== undefined) {
    onStop(await startTraces({ endpoint: config.otlpEndpoint, version, log: ground.log }));
  }
  const stores = await openStores(ground);
  const freshnessCache = createFreshnessCache({ redis: stores.redis, ttl: config.freshnessCacheTtl });
  const { ingest, isBusy, checks: ingestionChecks } = startTakingEvents(ground, stores);
  const selfReport = startSelfReport(ground, ingest, isBusy);
  startObservingEvaluation(ground, stores);
  const workerChecks = config.roles.includes('worker')
    ? await startWorking(ground, stores, freshnessCache, ingest)
    : [];

  const tokens = await tokenOptions(config, ground.clock);
  const address = await serve(ground, stores, tokens, freshnessCache, ingest, selfReport, [
    { name: 'database', check: async () => void (await stores.readPool.query('select 1')) },
    ...ingestionChecks,
    ...workerChecks,
  ]);
  return { address, tokens, dataLocation: stores.dataLocation };
}
