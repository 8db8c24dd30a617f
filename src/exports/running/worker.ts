import { randomUUID } from 'node:crypto';
import { Rounds } from '../../jobs/rounds.ts';
import { MINUTE, SECOND } from '../../time.ts';
import { claimJob } from './claim-job.ts';
import { removeExpired } from './remove-expired.ts';
import { runJob } from './run-job.ts';
import type { ExportWorkerOptions } from './worker-options.ts';

/** The usual lease of a job. */
export const EXPORT_LEASE = 30 * SECOND;
/** The time between two looks for a job. */
const PAUSE = SECOND;
const REMOVE_EVERY = 10 * MINUTE;

/** Writes exports. Any number of workers may run on one database. */
export class ExportWorker {
  readonly #options: ExportWorkerOptions;
  readonly #rounds: Rounds;
  /** Apart, because a new job does not wake it. */
  readonly #removal: Rounds;
  readonly #workerId = randomUUID();

  constructor(options: ExportWorkerOptions) {
    this.#options = options;
    this.#rounds = new Rounds({ name: 'exports', log: options.log });
    this.#removal = new Rounds({ name: 'exports', log: options.log });
  }

  start(): void {
    for (let place = 1; place <= this.#options.concurrency; place++) {
      this.#rounds.begin(`export ${place}`, async () => ((await this.writeNext()) ? 0 : PAUSE));
    }
    this.#removal.begin('removal of expired files', async () => {
      await this.removeExpired();
      return REMOVE_EVERY;
    });
  }

  /** Exports that are being written stop, and begin anew when a worker runs again. */
  async stop(): Promise<void> {
    await Promise.all([this.#rounds.stop(), this.#removal.stop()]);
  }

  /** Looks for a job at once. */
  wake(): void {
    this.#rounds.wake();
  }

  /** Rejects while claiming keeps failing. */
  async check(): Promise<void> {
    await this.#rounds.check();
    await this.#removal.check();
  }

  /** Removes the files that are past their time. */
  removeExpired(): Promise<void> {
    return removeExpired(this.#options);
  }

  /** Claims and writes the next job. @returns whether there was one */
  async writeNext(): Promise<boolean> {
    const { pool, lease: length, concurrency, metrics } = this.#options;
    // Half of the places, so that one org leaves some to others.
    const mostOfOrg = Math.max(1, Math.floor(concurrency / 2));
    const job = await claimJob(pool, { workerId: this.#workerId, lease: length, mostOfOrg });
    if (!job) return false;
    const lease = { jobId: job.jobId, workerId: this.#workerId, attempt: job.attempt };
    const began = performance.now();
    const result = await runJob(this.#options, job, { lease, stopping: this.#rounds.stopping });
    metrics.exports.inc({ dataset: job.request.dataset, outcome: result });
    metrics.exportSeconds.observe({ dataset: job.request.dataset }, (performance.now() - began) / SECOND);
    return true;
  }
}
