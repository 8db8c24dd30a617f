import type { Log } from '../telemetry/log.ts';
import { type Clock, SECOND, sleep } from '../time.ts';

/** Failures in a row after which the health check fails. */
const UNHEALTHY_AFTER = 3;
/** The pause after the first failure. Each further failure doubles it. */
const FIRST_RETRY_PAUSE = SECOND;
const LONGEST_RETRY_PAUSE = 10 * SECOND;

/** Does the next piece of a task. @returns milliseconds until it should be called again, 0 for at once */
export type Round = () => Promise<number>;

interface RoundsOptions {
  /** Names the tasks together, in the log and in errors. */
  name: string;
  log: Pick<Log, 'error'>;
  /** Milliseconds after which a round counts as stuck. Without it, a round may take any time. */
  standstill?: { after: number; clock: Clock };
}

interface Progress {
  failuresInARow: number;
  /** When the last round began; milliseconds. */
  began: number;
}

/**
 * Tasks that run in rounds, side by side, until stopped. A task that fails is tried again after a pause and does not
 * hold up the others.
 */
export class Rounds {
  readonly #options: RoundsOptions;
  readonly #stop = new AbortController();
  readonly #progress = new Map<string, Progress>();
  readonly #running: Promise<void>[] = [];
  #awake = new AbortController();

  constructor(options: RoundsOptions) {
    this.#options = options;
  }

  /** Aborts when the tasks are to stop. A long round should watch it. */
  get stopping(): AbortSignal {
    return this.#stop.signal;
  }

  /** Starts a task. */
  begin(task: string, round: Round): void {
    const progress = { failuresInARow: 0, began: this.#now() };
    this.#progress.set(task, progress);
    this.#running.push(this.#repeat(task, progress, round));
  }

  /** Ends every pause between rounds, and the one after a round that is under way. Pauses after failures go on. */
  wake(): void {
    this.#awake.abort();
  }

  /** Resolves when the rounds under way have ended. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
  }

  /** Rejects while a task keeps failing or is stuck. */
  async check(): Promise<void> {
    const { name, standstill } = this.#options;
    const now = this.#now();
    for (const [task, { failuresInARow, began }] of this.#progress) {
      if (failuresInARow >= UNHEALTHY_AFTER)
        throw new Error(`${name}: ${task} failed ${failuresInARow} times in a row`);
      if (standstill && now - began > standstill.after)
        throw new Error(`${name}: ${task} has stood still for ${Math.round((now - began) / SECOND)} s`);
    }
  }

  async #repeat(task: string, progress: Progress, round: Round): Promise<void> {
    const { name, log } = this.#options;
    while (!this.stopping.aborted) {
      if (this.#awake.signal.aborted) this.#awake = new AbortController();
      const awake = this.#awake.signal;
      progress.began = this.#now();
      try {
        const pause = await round();
        progress.failuresInARow = 0;
        if (pause > 0) await sleep(pause, AbortSignal.any([awake, this.stopping]));
      } catch (error) {
        progress.failuresInARow++;
        // Nothing is lost: the next round finds what this one did not commit.
        log.error({ err: error, work: task }, `${name}: a round failed and will be tried again`);
        const pause = FIRST_RETRY_PAUSE * 2 ** (progress.failuresInARow - 1);
        await sleep(Math.min(LONGEST_RETRY_PAUSE, pause), this.stopping);
      }
    }
  }

  #now(): number {
    return this.#options.standstill?.clock.now() ?? 0;
  }
}
