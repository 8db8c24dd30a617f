import type { Pool } from 'pg';
import { Rounds } from '../jobs/rounds.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { span } from '../telemetry/traces.ts';
import { SECOND } from '../time.ts';
import { BATCHES_AT_ONCE } from './fold/claim-batches.ts';
import type { OnIncomplete } from './fold/incomplete.ts';
import { promote, rollUp } from './fold/roll-up.ts';
import { finestGrain, type Grain, grains } from './grains.ts';
import { countIncomplete, rollupLag } from './rollup-lag.ts';

/**
 * The number of waiting folds at which the coarser grain takes them in before its schedule. A read adds up at most about
 * this many partial rows for each series and grain. With fewer, the same buckets would be written again and again.
 */
export const FOLDS_TO_PROMOTE = 16;
/** A round pauses this many times as long as it took, so that roll-ups take at most a tenth of the time. */
const PAUSE_FACTOR = 9;
const SHORTEST_PAUSE = 250;
/** Milliseconds. Nodes that work have committed long before. */
const INCOMPLETE_TOO_LONG = 10 * SECOND;

interface RollupWorkerOptions {
  pool: Pool;
  log: Log;
  metrics: Metrics;
  /** The most milliseconds from one round to the next. */
  interval: number;
  /** Called with the orgs whose numbers have changed. */
  onRolledUp(orgIds: readonly string[]): Promise<void>;
}

/**
 * Rolls up stored batches, and beside that promotes folds to coarser grains, so that neither waits for the other. Any
 * number of workers may share one database.
 */
export class RollupWorker {
  readonly #options: RollupWorkerOptions;
  readonly #rounds: Rounds;

  constructor(options: RollupWorkerOptions) {
    this.#options = options;
    this.#rounds = new Rounds({ name: 'roll-up', log: options.log });
  }

  start(): void {
    this.#rounds.begin('rollups', () => this.#paced(() => this.#rollUpWaiting()));
    this.#rounds.begin('promotion', () => this.#paced(() => this.#promoteWaiting()));
  }

  /** Resolves once the rounds under way have ended. */
  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  /** Rejects while rounds keep failing. */
  check(): Promise<void> {
    return this.#rounds.check();
  }

  /** @returns milliseconds to pause after the round */
  async #paced(work: () => Promise<void>): Promise<number> {
    const began = performance.now();
    await work();
    return pauseAfter(performance.now() - began, this.#options.interval);
  }

  /**
   * Folds what waits. Batches that arrive during a fold wait for the next round, unless they are as many as one fold takes.
   * To fold them at once made a fold of every few batches under load, each with rows and index entries of its own.
   */
  async #rollUpWaiting(): Promise<void> {
    const { pool, onRolledUp, metrics } = this.#options;
    const fold = () => this.#timed(finestGrain, () => rollUp(pool, onRolledUp, this.#onIncomplete));
    while (!this.#rounds.stopping.aborted && (await fold()) >= BATCHES_AT_ONCE);
    metrics.rollupLagSeconds.set(await rollupLag(pool));
    const { batches, folds } = await countIncomplete(pool);
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
 * Milliseconds until the next round. They are few while there is little to do, so that numbers are fresher. Under load
 * they are `interval`, since fewer and larger folds cost less.
 */
function pauseAfter(took: number, interval: number): number {
  return Math.min(Math.max(SHORTEST_PAUSE, PAUSE_FACTOR * took), Math.max(0, interval - took));
}
