import type { Config } from '../config.ts';
import type { OrgMetrics } from '../ingestion/org-metrics.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Clock } from '../time.ts';

/**
 * Has a part of the service end when it stops, before those that it stands on. One that has not ended within so many
 * milliseconds is left behind; without a limit it is waited for.
 */
export type OnStop = (end: () => Promise<void>, within?: number) => void;

/** What every part of the service is given. */
export interface Ground {
  config: Config;
  log: Log;
  metrics: Metrics;
  /** Usage by org and model, where ORG_METRICS is on. */
  orgMetrics: OrgMetrics | undefined;
  clock: Clock;
  onStop: OnStop;
  /** Aborted when the start is given up; what it waits for is cut short then. */
  givenUp: AbortSignal;
}
