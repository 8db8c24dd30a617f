import type { Config } from '../../config.ts';
import type { Clock } from '../../time.ts';
import type { Metrics } from '../metrics.ts';
import { prometheusApi } from './api.ts';
import { prometheusRealtime } from './prometheus-realtime.ts';
import type { RealtimeSource } from './realtime.ts';
import { ScrapedRealtime, targetAt } from './scraped-realtime.ts';

/** Time limit of the real-time part of an answer, so that the whole answer takes less than half a second. */
const BUDGET_MS = 400;

interface OpenOptions {
  config: Pick<Config, 'prometheusUrl' | 'metricsTargets' | 'realtimeWindow'>;
  metrics: Pick<Metrics, 'registry'>;
  clock: Clock;
}

/** Opens the best configured source of real-time figures: Prometheus, else all processes, else this one. */
export function openRealtime({ config, metrics, clock }: OpenOptions): RealtimeSource & { stop(): void } {
  const common = { clock, window: config.realtimeWindow, budget: BUDGET_MS };
  if (config.prometheusUrl !== undefined) {
    const realtime = prometheusRealtime({ ...common, api: prometheusApi(config.prometheusUrl) });
    return { ...realtime, stop: () => {} };
  }
  const targets = config.metricsTargets.map(targetAt);
  const thisProcess = { name: 'this process', fetch: () => metrics.registry.metrics() };
  const realtime = new ScrapedRealtime({
    ...common,
    ...(targets.length > 0 ? { source: 'scrape', targets } : { source: 'process', targets: [thisProcess] }),
  });
  realtime.start();
  return realtime;
}
