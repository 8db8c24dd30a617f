import type { Ingest } from '../ingestion/ingest.ts';
import { SECOND, sleep } from '../time.ts';
import { recordAlertEvents } from './alert-events.ts';
import { makeDue } from './data-arrived.ts';
import { evaluateDue } from './evaluate-due.ts';
import type { Evaluator, Lane } from './evaluator.ts';

interface AlertEngineOptions extends Evaluator {
  ingest: Ingest;
  /** The org of what the service tells of itself: of alerts over all orgs. */
  ownOrg: string;
  /** Told that there may be something to send. */
  onEvaluated?: () => void;
}

/** Time between two looks at what is due; what data makes due in this process is looked at without waiting. */
const PAUSE = SECOND / 2;
const LONGEST_PAUSE = 10 * SECOND;
const UNWELL_AFTER = 3;

type Work = Lane | 'events';

/**
 * Evaluates alert rules as they become due. Any number of engines may run against one database: each evaluation is
 * made by one of them.
 */
export class AlertEngine {
  readonly #options: AlertEngineOptions;
  readonly #stop = new AbortController();
  readonly #failures: Record<Work, number> = { rollups: 0, prometheus: 0, events: 0 };
  /** Whose data arrived while rules that watch it were held. */
  readonly #arrived: (readonly string[] | 'all')[] = [];
  #running: Promise<unknown> | undefined;
  #awake = new AbortController();

  constructor(options: AlertEngineOptions) {
    this.#options = options;
  }

  start(): void {
    const { pool, ingest, ownOrg } = this.#options;
    this.#running ??= Promise.all([
      // Whoever rolled up last may have died before it could tell.
      this.dataArrived('all'),
      this.#repeat('rollups', () => this.#evaluateAll('rollups')),
      this.#repeat('prometheus', () => this.#evaluateAll('prometheus')),
      this.#repeat('events', async () => {
        while (!this.#stop.signal.aborted && (await recordAlertEvents(pool, ingest, ownOrg)) > 0);
      }),
    ]);
  }

  /** Returns once the evaluations under way have ended. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#awake.abort();
    await this.#running;
  }

  /** Rejects while round after round fails. */
  async check(): Promise<void> {
    const unwell = Object.entries(this.#failures).find(([, count]) => count >= UNWELL_AFTER);
    if (unwell) throw new Error(`alerts: ${unwell[0]} failed ${unwell[1]} times in a row`);
  }

  /** Makes the rules of these orgs due that are evaluated as soon as there is data. Never rejects. */
  async dataArrived(orgIds: readonly string[] | 'all'): Promise<void> {
    const { pool, clock, log } = this.#options;
    try {
      const { due, held } = await makeDue(pool, orgIds, clock.now());
      if (due > 0) this.#awake.abort();
      if (held > 0) this.#arrived.push(orgIds);
    } catch (error) {
      // They are evaluated at their interval all the same.
      log.warn({ err: error }, 'alert rules could not be told of new data');
    }
  }

  async #evaluateAll(lane: Lane): Promise<void> {
    if (lane === 'rollups') await this.#tellAgain();
    while (!this.#stop.signal.aborted && (await evaluateDue(this.#options, lane)))
      this.#options.onEvaluated?.();
  }

  async #tellAgain(): Promise<void> {
    const arrived = this.#arrived.splice(0);
    if (arrived.length > 0)
      await this.dataArrived(arrived.includes('all') ? 'all' : [...new Set(arrived.flat())]);
  }

  async #repeat(work: Work, round: () => Promise<void>): Promise<void> {
    const { log } = this.#options;
    let pause = PAUSE;
    while (!this.#stop.signal.aborted) {
      if (this.#awake.signal.aborted) this.#awake = new AbortController();
      const awake = this.#awake.signal;
      try {
        await round();
        this.#failures[work] = 0;
        pause = PAUSE;
      } catch (error) {
        this.#failures[work]++;
        // Nothing is lost: what was not committed is still due.
        log.error({ err: error, work }, 'alerts could not be worked on, and will be');
        pause = Math.min(LONGEST_PAUSE, pause * 2);
        await sleep(pause, this.#stop.signal);
        continue;
      }
      await sleep(pause, AbortSignal.any([awake, this.#stop.signal]));
    }
  }
}
