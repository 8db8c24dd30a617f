import type { Config } from '../../config.ts';
import type { Clock } from '../../time.ts';
import type { Metrics } from '../metrics.ts';
import { prometheusApi } from './api.ts';
import { prometheusRealtime } from './prometheus-realtime.ts';
import type { RealtimeSource } from './realtime.ts';
import { ScrapedRealtime, targetAt } from './scraped-realtime.ts';

/** What the real-time part of an answer may take: with all else, an answer is there within half a second. */
const BUDGET_MS = 400;

interface OpenOptions {
  config: Pick<Config, 'prometheusUrl' | 'metricsTargets' | 'realtimeWindow'>;
  metrics: Pick<Metrics, 'registry'>;
  clock: Clock;
}

/** The best source of real-time figures that is configured: Prometheus, else other processes, else this one. */
export function openRealtime({ config, metrics, clock }: OpenOptions): RealtimeSource & { stop(): void } {
  const common = { clock, window: config.realtimeWindow, budget: BUDGET_MS };
  if (config.prometheusUrl !== undefined) {
    const realtime = prometheusRealtime({ ...common, api: prometheusApi(config.prometheusUrl) });
    return { ...realtime, stop: () => {} };
  }
  const others = config.metricsTargets.map(targetAt);
  const itself = { name: 'this process', fetch: () => metrics.registry.metrics() };
  const realtime = new ScrapedRealtime({
    ...common,
    ...(others.length > 0 ? { source: 'scrape', targets: others } : { source: 'process', targets: [itself] }),
  });
  realtime.start();
  return realtime;
}
