import type { Ingest } from '../ingestion/ingest.ts';
import { MINUTE, SECOND, sleep } from '../time.ts';
import { recordAlertEvents } from './alert-events.ts';
import { makeDue } from './data-arrived.ts';
import { evaluateDue } from './evaluate-due.ts';
import { type Evaluator, type Lane, lanes } from './evaluator.ts';

interface AlertEngineOptions extends Omit<Evaluator, 'lost'> {
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
/** No evaluation takes nearly as long. */
const STANDSTILL = MINUTE;

type Work = Lane | 'events';

/** How a kind of work goes. */
interface Progress {
  /** Rounds that have failed in a row. */
  failures: number;
  /** When something of it was last done, or found not to be due; milliseconds. */
  at: number;
}

/**
 * Evaluates alert rules as they become due. Any number of engines may run against one database: each evaluation is
 * made by one of them.
 */
export class AlertEngine {
  readonly #options: AlertEngineOptions;
  readonly #stop = new AbortController();
  readonly #evaluator: Evaluator;
  readonly #progress = new Map<Work, Progress>();
  /** Whose data arrived while rules that watch it were held. */
  readonly #arrived: (readonly string[] | 'all')[] = [];
  #running: Promise<unknown> | undefined;
  #awake = new AbortController();

  constructor(options: AlertEngineOptions) {
    this.#options = options;
    this.#evaluator = { ...options, lost: new Set() };
  }

  start(): void {
    const { pool, ingest, ownOrg } = this.#options;
    this.#running ??= Promise.all([
      // Whoever rolled up last may have died before it could tell.
      this.dataArrived('all'),
      ...lanes.map((lane) => this.#repeat(lane, () => this.#evaluateNext(lane))),
      this.#repeat('events', async () => (await recordAlertEvents(pool, ingest, ownOrg)) > 0),
    ]);
  }

  /** Returns once the evaluations under way have ended. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#awake.abort();
    await this.#running;
  }

  /** Rejects while round after round fails, and while evaluation stands still. */
  async check(): Promise<void> {
    const now = this.#options.clock.now();
    for (const [work, { failures, at }] of this.#progress) {
      if (failures >= UNWELL_AFTER) throw new Error(`alerts: ${work} failed ${failures} times in a row`);
      if (now - at > STANDSTILL) {
        throw new Error(`alerts: ${work} has stood still for ${Math.round((now - at) / SECOND)} s`);
      }
    }
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

  async #evaluateNext(lane: Lane): Promise<boolean> {
    if (lane === 'rollups') await this.#tellAgain();
    const wasDue = await evaluateDue(this.#evaluator, lane);
    if (wasDue) this.#options.onEvaluated?.();
    return wasDue;
  }

  async #tellAgain(): Promise<void> {
    const arrived = this.#arrived.splice(0);
    if (arrived.length > 0)
      await this.dataArrived(arrived.includes('all') ? 'all' : [...new Set(arrived.flat())]);
  }

  /** Does one thing after the other, and rests when there is nothing to do. */
  async #repeat(work: Work, doNext: () => Promise<boolean>): Promise<void> {
    const { log, clock } = this.#options;
    const progress: Progress = { failures: 0, at: clock.now() };
    this.#progress.set(work, progress);
    let pause = PAUSE;
    while (!this.#stop.signal.aborted) {
      if (this.#awake.signal.aborted) this.#awake = new AbortController();
      const awake = this.#awake.signal;
      try {
        const isMore = await doNext();
        progress.failures = 0;
        progress.at = clock.now();
        pause = PAUSE;
        if (isMore) continue;
      } catch (error) {
        progress.failures++;
        progress.at = clock.now();
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
