import type { Ingest } from '../../ingestion/ingest.ts';
import { Rounds } from '../../jobs/rounds.ts';
import { MINUTE, SECOND } from '../../time.ts';
import { ingestTransitions } from '../history/ingest-transitions.ts';
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
/** No evaluation takes nearly as long. */
const STANDSTILL = MINUTE;

/**
 * Evaluates alert rules as they become due. Any number of engines may run against one database: each evaluation is
 * made by one of them.
 */
export class AlertEngine {
  readonly #options: AlertEngineOptions;
  readonly #evaluator: Evaluator;
  readonly #rounds: Rounds;
  /** Whose data arrived while rules that watch it were held. */
  readonly #arrived: (readonly string[] | 'all')[] = [];
  #toldAtStart: Promise<void> | undefined;

  constructor(options: AlertEngineOptions) {
    this.#options = options;
    this.#evaluator = { ...options, lost: new Set() };
    const { log, clock } = options;
    this.#rounds = new Rounds({ name: 'alerts', log, standstill: { after: STANDSTILL, clock } });
  }

  start(): void {
    const { pool, ingest, ownOrg } = this.#options;
    // Whoever rolled up last may have died before it could tell.
    this.#toldAtStart = this.dataArrived('all');
    for (const lane of lanes) this.#rounds.begin(lane, () => this.#evaluateNext(lane));
    this.#rounds.begin('events', async () =>
      (await ingestTransitions(pool, ingest, ownOrg)) > 0 ? 0 : PAUSE,
    );
  }

  /** Returns once the evaluations under way have ended. */
  async stop(): Promise<void> {
    await Promise.all([this.#rounds.stop(), this.#toldAtStart]);
  }

  /** Rejects while round after round fails, and while evaluation stands still. */
  check(): Promise<void> {
    return this.#rounds.check();
  }

  /** Makes the rules of these orgs due that are evaluated as soon as there is data. Never rejects. */
  async dataArrived(orgIds: readonly string[] | 'all'): Promise<void> {
    const { pool, clock, log } = this.#options;
    try {
      const { due, held } = await makeDue(pool, orgIds, clock.now());
      if (due > 0) this.#rounds.wake();
      if (held > 0) this.#arrived.push(orgIds);
    } catch (error) {
      // They are evaluated at their interval all the same.
      log.warn({ err: error }, 'alert rules could not be told of new data');
    }
  }

  async #evaluateNext(lane: Lane): Promise<number> {
    if (lane === 'rollups') await this.#tellAgain();
    const wasDue = await evaluateDue(this.#evaluator, lane);
    if (wasDue) this.#options.onEvaluated?.();
    return wasDue ? 0 : PAUSE;
  }

  async #tellAgain(): Promise<void> {
    const arrived = this.#arrived.splice(0);
    if (arrived.length > 0)
      await this.dataArrived(arrived.includes('all') ? 'all' : [...new Set(arrived.flat())]);
  }
}
