import type { Config } from '../config.ts';
import type { OrgMetrics } from '../ingestion/org-metrics.ts';
import type { GiveWay } from '../shares/give-way.ts';
import type { LoopTurns } from '../shares/loop-turns.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Clock } from '../time.ts';

/**
 * Registers what ends a part of the service at shutdown. Parts end in reverse order, so a part ends before the parts
 * that it uses.
 * @param timeout milliseconds after which the shutdown goes on without it; without a timeout it waits
 */
export type OnStop = (end: () => Promise<void>, timeout?: number) => void;

/** What every part of the service receives. */
export interface AppContext {
  config: Config;
  log: Log;
  metrics: Metrics;
  /** Usage by org and model, if ORG_METRICS is on. */
  orgMetrics: OrgMetrics | undefined;
  clock: Clock;
  /** Shares the event loop between those who send events and ask questions. */
  loop: LoopTurns;
  /** Lets exports give way to questions. */
  giveWay: GiveWay;
  onStop: OnStop;
  /** `export` tells the worker of this process of a new job. */
  news: EventTarget;
  /** Aborts when the start is cancelled; then the parts stop waiting for their dependencies. */
  startCancelled: AbortSignal;
}
