import type { Config } from '../config.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Clock } from '../time.ts';

export type OnStop = (end: () => Promise<void>) => void;

/** What every part of the service is given. */
export interface Ground {
  config: Config;
  log: Log;
  metrics: Metrics;
  clock: Clock;
  onStop: OnStop;
}
