import type { Caller } from '../auth/caller.ts';
import type { TokenOptions } from '../auth/jwt.ts';
import { createLoginCode, type LinkOwner } from '../auth/sessions/login-codes.ts';
import type { Config } from '../config.ts';
import { OrgMetrics } from '../ingestion/org-metrics.ts';
import { createFreshnessCache } from '../queries/reading/freshness-cache.ts';
import { GiveWay } from '../shares/give-way.ts';
import { LoopTurns } from '../shares/loop-turns.ts';
import type { Log } from '../telemetry/log.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { startTraces } from '../telemetry/traces.ts';
import { systemClock } from '../time.ts';
import { version } from '../version.ts';
import type { AppContext } from './app-context.ts';
import { startObservingLags } from './observe-lags.ts';
import { serve, tokenOptions } from './serve.ts';
import { createShutdown } from './shutdown.ts';
import { openStores } from './stores.ts';
import { startSelfReport, startTakingEvents } from './take-events.ts';
import { startWorking } from './work.ts';

export interface App {
  /** The address of the API, such as http://127.0.0.1:8084. */
  address: string;
  /** The options that tokens are verified with. */
  tokens: TokenOptions;
  /** The folder of the embedded database; `undefined` if `DATABASE_URL` names another database. */
  dataLocation: string | undefined;
  /** Creates the code of a link that signs one browser in to the console. */
  createLoginCode(owner: LinkOwner, caller: Caller): Promise<string>;
  /** Takes no more requests, finishes the accepted ones, and ends everything that was started. */
  stop(): Promise<void>;
}

/**
 * Starts the service, from the database upward. `stop` ends its parts in reverse. If the start fails, everything that was
 * started ends.
 *
 * @param stopRequested cancels the start; it has no effect once the service has started
 * @throws the error that the start failed with
 */
export async function startApp(config: Config, log: Log, stopRequested?: AbortSignal): Promise<App> {
  const { onStop, stop } = createShutdown(log);
  const cancellation = new AbortController();
  const cancel = () => cancellation.abort();
  stopRequested?.addEventListener('abort', cancel);
  const context: AppContext = {
    config,
    log,
    metrics: createMetrics(),
    orgMetrics: config.orgMetrics === 'on' ? new OrgMetrics({ clock: systemClock }) : undefined,
    clock: systemClock,
    loop: new LoopTurns(),
    giveWay: new GiveWay(),
    onStop,
    news: new EventTarget(),
    startCancelled: cancellation.signal,
  };
  try {
    stopRequested?.throwIfAborted();
    return { ...(await start(context)), stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    stopRequested?.removeEventListener('abort', cancel);
  }
}

async function start(context: AppContext): Promise<Omit<App, 'stop'>> {
  const { config, onStop } = context;
  if (config.otlpEndpoint !== undefined) {
    onStop(await startTraces({ endpoint: config.otlpEndpoint, version, log: context.log }));
  }
  const stores = await openStores(context);
  const freshnessCache = createFreshnessCache({ redis: stores.redis, ttl: config.freshnessCacheTtl });
  const { ingest, isBusy, checks: ingestionChecks } = startTakingEvents(context, stores);
  const selfReport = startSelfReport(context, ingest, isBusy);
  startObservingLags(context, stores);
  const workerChecks = config.roles.includes('worker')
    ? await startWorking(context, stores, freshnessCache, ingest)
    : [];

  const tokens = await tokenOptions(config, context.clock);
  const checks = [
    { name: 'database', check: async () => void (await stores.readPool.query('select 1')) },
    ...ingestionChecks,
    ...workerChecks,
  ];
  const address = await serve(context, { stores, tokens, freshnessCache, ingest, selfReport, checks });
  const links = { database: stores.writePool, clock: context.clock };
  return {
    address,
    tokens,
    dataLocation: stores.dataLocation,
    createLoginCode: (owner, caller) => createLoginCode(links, owner, caller),
  };
}
