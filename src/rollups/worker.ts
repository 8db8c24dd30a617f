import type { Pool } from 'pg';
import { Rounds } from '../jobs/rounds.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { span } from '../telemetry/traces.ts';
import { SECOND } from '../time.ts';
import type { OnIncomplete } from './fold/incomplete.ts';
import { promote, rollUp } from './fold/roll-up.ts';
import { finestGrain, type Grain, grains } from './grains.ts';

/**
 * Waiting folds at which a coarser grain takes them in ahead of its schedule. A read adds up at most about
 * this many partial rows a series and grain; fewer would be written over and over.
 */
export const FOLDS_TO_PROMOTE = 16;
/** A roll-up rests for this many times as long as it took: at most a tenth of the time goes into it. */
const REST = 9;
const SHORTEST_PAUSE = 250;
/** Milliseconds. Nodes that are well have committed long before. */
const INCOMPLETE_TOO_LONG = 10 * SECOND;

interface RollupWorkerOptions {
  pool: Pool;
  log: Log;
  metrics: Metrics;
  /** Milliseconds from one round to the next, at the most. */
  interval: number;
  /** Told whose numbers have changed. */
  onRolledUp(orgIds: readonly string[]): Promise<void>;
}

/**
 * Rolls up what was stored, round after round, and apart from that takes folds into coarser grains, so that
 * neither waits for the other. Any number may run against one database.
 */
export class RollupWorker {
  readonly #options: RollupWorkerOptions;
  readonly #rounds: Rounds;

  constructor(options: RollupWorkerOptions) {
    this.#options = options;
    this.#rounds = new Rounds({ name: 'roll-up', log: options.log });
  }

  start(): void {
    this.#rounds.begin('rollups', () => this.#rested(() => this.#rollUpWaiting()));
    this.#rounds.begin('promotion', () => this.#rested(() => this.#promoteWaiting()));
  }

  /** Returns once the rounds under way have ended. */
  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  /** Rejects while round after round fails. */
  check(): Promise<void> {
    return this.#rounds.check();
  }

  /** @returns milliseconds to rest after what was done */
  async #rested(work: () => Promise<void>): Promise<number> {
    const began = performance.now();
    await work();
    return restAfter(performance.now() - began, this.#options.interval);
  }

  async #rollUpWaiting(): Promise<void> {
    const { pool, onRolledUp, metrics } = this.#options;
    while (
      !this.#rounds.stopping.aborted &&
      (await this.#timed(finestGrain, () => rollUp(pool, onRolledUp, this.#onIncomplete))) > 0
    );
    const { lag, batches, folds } = await readWaiting(pool);
    metrics.rollupLagSeconds.set(lag);
    metrics.incompleteWork.set({ what: 'batch' }, batches);
    metrics.incompleteWork.set({ what: 'fold' }, folds);
  }

  async #promoteWaiting(): Promise<void> {
    for (const grain of grains.slice(1)) {
      if (this.#rounds.stopping.aborted) return;
      await this.#timed(grain, () =>
        promote(this.#options.pool, grain, FOLDS_TO_PROMOTE, this.#onIncomplete),
      );
    }
  }

  readonly #onIncomplete: OnIncomplete = (grain, putOff) => {
    const { metrics, log } = this.#options;
    metrics.incompleteRollups.inc({ grain: grain.name });
    for (const work of putOff) {
      if (work.age >= INCOMPLETE_TOO_LONG)
        log.warn({ ...work, grain: grain.name }, `a ${work.what} waits: some of its rows cannot be found`);
    }
  };

  async #timed(grain: Grain, work: () => Promise<number>): Promise<number> {
    const began = performance.now();
    const done = await span('roll up', { grain: grain.name }, work);
    if (done > 0) {
      this.#options.metrics.rollupSeconds.observe(
        { grain: grain.name },
        (performance.now() - began) / SECOND,
      );
    }
    return done;
  }
}

/**
 * Milliseconds until the next round: short while there is little to do, so that numbers are fresher still, and
 * `interval` under load, where fewer and larger folds cost less.
 */
function restAfter(took: number, interval: number): number {
  return Math.min(Math.max(SHORTEST_PAUSE, REST * took), Math.max(0, interval - took));
}

interface Waiting {
  /** Seconds since the oldest batch that is not rolled up was stored; 0 when none is waiting. */
  lag: number;
  /** Batches and folds that were found incomplete. */
  batches: number;
  folds: number;
}

async function readWaiting(pool: Pool): Promise<Waiting> {
  const result = await pool.query<Waiting>(
    `select coalesce(extract(epoch from clock_timestamp() - min(completed_at)), 0)::float8 as lag,
       count(retry_at) as batches,
       (select count(retry_at) from analytics.folds where consumed_at is null) as folds
     from analytics.ingestion_batches where rolled_up_at is null`,
  );
  return result.rows[0] ?? { lag: 0, batches: 0, folds: 0 };
}
