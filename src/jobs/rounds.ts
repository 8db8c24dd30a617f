import type { Log } from '../telemetry/log.ts';
import { type Clock, SECOND, sleep } from '../time.ts';

/** Rounds that fail in a row after which work does not count as going. */
const UNWELL_AFTER = 3;
/** After the first failure; each further one doubles it. */
const PAUSE_AFTER_FAILURE = SECOND;
const LONGEST_PAUSE = 10 * SECOND;

/** Does the next of some work. @returns milliseconds until it should be called again, 0 for at once */
export type Round = () => Promise<number>;

interface RoundsOptions {
  /** What the work is for: the log and errors call it so. */
  name: string;
  log: Pick<Log, 'error'>;
  /** No round takes nearly as long as `after`, in milliseconds; `undefined`: one may take any time. */
  standstill?: { after: number; clock: Clock };
}

/** How a kind of work goes. */
interface Progress {
  /** Rounds that have failed in a row. */
  failures: number;
  /** When the last one began; milliseconds. */
  began: number;
}

/** Kinds of work that are done round after round, side by side, until stopped; one that fails holds up no other. */
export class Rounds {
  readonly #options: RoundsOptions;
  readonly #stop = new AbortController();
  readonly #progress = new Map<string, Progress>();
  readonly #running: Promise<void>[] = [];
  #awake = new AbortController();

  constructor(options: RoundsOptions) {
    this.#options = options;
  }

  /** Aborts when the work is to end; a round that goes on for long heeds it. */
  get stopping(): AbortSignal {
    return this.#stop.signal;
  }

  /** Begins with a kind of work, and goes on with it. */
  begin(work: string, round: Round): void {
    const progress = { failures: 0, began: this.#now() };
    this.#progress.set(work, progress);
    this.#running.push(this.#repeat(work, progress, round));
  }

  /** Ends every rest, and that after the round that is under way. What has failed rests on. */
  wake(): void {
    this.#awake.abort();
  }

  /** Returns once the rounds under way have ended. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
  }

  /** Rejects while round after round of some work fails, and while it stands still. */
  async check(): Promise<void> {
    const { name, standstill } = this.#options;
    const now = this.#now();
    for (const [work, { failures, began }] of this.#progress) {
      if (failures >= UNWELL_AFTER) throw new Error(`${name}: ${work} failed ${failures} times in a row`);
      if (standstill && now - began > standstill.after)
        throw new Error(`${name}: ${work} has stood still for ${Math.round((now - began) / SECOND)} s`);
    }
  }

  async #repeat(work: string, progress: Progress, round: Round): Promise<void> {
    const { name, log } = this.#options;
    while (!this.stopping.aborted) {
      if (this.#awake.signal.aborted) this.#awake = new AbortController();
      const awake = this.#awake.signal;
      progress.began = this.#now();
      try {
        const pause = await round();
        progress.failures = 0;
        if (pause > 0) await sleep(pause, AbortSignal.any([awake, this.stopping]));
      } catch (error) {
        progress.failures++;
        // Nothing is lost: what was not committed is still to be done.
        log.error({ err: error, work }, `${name}: a round failed and will be tried again`);
        const pause = PAUSE_AFTER_FAILURE * 2 ** (progress.failures - 1);
        await sleep(Math.min(LONGEST_PAUSE, pause), this.stopping);
      }
    }
  }

  #now(): number {
    return this.#options.standstill?.clock.now() ?? 0;
  }
}
