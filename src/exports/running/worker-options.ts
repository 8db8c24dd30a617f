import type { Pool } from 'pg';
import type { GiveWay } from '../../shares/give-way.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { Clock } from '../../time.ts';
import type { Destinations } from '../delivery/destinations.ts';

export interface ExportWorkerOptions {
  pool: Pool;
  /** Connections for the transactions that exports read in, one for each. */
  exportPool: Pool;
  destinations: Destinations;
  /** The folder of exports of this host. */
  exportDir: string;
  clock: Clock;
  log: Log;
  metrics: Pick<Metrics, 'exports' | 'exportSeconds'>;
  /** Exports written at the same time. */
  concurrency: number;
  /** Milliseconds that files are kept. */
  retention: number;
  /** Milliseconds after which a worker that is silent counts as dead. */
  lease: number;
  /** Lets exports give way to questions of the same process. */
  giveWay?: GiveWay;
  version: string;
  /** Who issues the costs, for files that name the issuer. */
  issuer: string;
}
