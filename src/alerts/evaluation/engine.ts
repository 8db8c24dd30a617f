import type { Ingest } from '../../ingestion/ingest.ts';
import { Rounds } from '../../jobs/rounds.ts';
import { MINUTE, SECOND } from '../../time.ts';
import { escalateDue } from '../history/escalate-due.ts';
import { ingestTransitions } from '../history/ingest-transitions.ts';
import { endSilences } from '../silences/end-silences.ts';
import { makeDue } from './data-arrived.ts';
import { evaluateDue } from './evaluate-due.ts';
import { type Evaluator, type Lane, lanes } from './evaluator.ts';
import { SourceRecovery } from './source-recovery.ts';
import { takeBackDueTimes } from './take-back-due.ts';

interface AlertEngineOptions extends Omit<Evaluator, 'lost'> {
  ingest: Ingest;
  /** The org of the events about alerts of rules over all orgs. */
  ownOrg: string;
  /** Called after an evaluation, because there may be notices to send. */
  onEvaluated?: () => void;
}

/** The time between two looks for due rules; new data in this process triggers a look at once. */
const PAUSE = SECOND / 2;
/** The time between two looks for due times that a clock has set which was ahead. */
const CLOCK_PAUSE = 5 * SECOND;
/** For so long after the start, a rule that is overdue is evaluated before its alerts are escalated: they may be over. */
const CATCHING_UP = MINUTE;
const OVERDUE = 5 * SECOND;
/** No evaluation takes nearly this long. */
const STANDSTILL = MINUTE;

/**
 * Evaluates alert rules as they become due. Any number of engines may run on one database: one of them makes each
 * evaluation.
 */
export class AlertEngine {
  readonly #options: AlertEngineOptions;
  readonly #evaluator: Evaluator;
  readonly #rounds: Rounds;
  /** The orgs whose data arrived while their rules were held. They are tried again before the next evaluation. */
  readonly #arrived: (readonly string[] | 'all')[] = [];
  #dueAtStart: Promise<void> | undefined;

  constructor(options: AlertEngineOptions) {
    this.#options = options;
    this.#evaluator = { ...options, lost: new Set() };
    const { log, clock } = options;
    this.#rounds = new Rounds({ name: 'alerts', log, standstill: { after: STANDSTILL, clock } });
  }

  start(): void {
    const { pool, ingest, ownOrg, log, clock, prometheus } = this.#options;
    // The process that rolled up last may have died before it made the rules due.
    this.#dueAtStart = this.dataArrived('all');
    for (const lane of lanes) this.#rounds.begin(lane, () => this.#evaluateNext(lane));
    // A second one, so that a slow rule of one org does not delay those of another.
    this.#rounds.begin('rollups of another org', () => this.#evaluateNext('rollups'));
    this.#rounds.begin('due times', async () => {
      if ((await takeBackDueTimes(pool, log, clock.now())) > 0) this.#rounds.wake();
      return CLOCK_PAUSE;
    });
    const recovery = new SourceRecovery(pool, prometheus);
    this.#rounds.begin('sources', async () => {
      const { due, pause } = await recovery.look(clock.now());
      if (due > 0) this.#rounds.wake();
      return pause;
    });
    this.#rounds.begin('silences', async () => {
      if ((await endSilences(pool, clock.now())) > 0) this.#rounds.wake();
      return PAUSE;
    });
    const started = clock.now();
    this.#rounds.begin('escalations', () => this.#escalate(started));
    this.#rounds.begin('events', async () =>
      (await ingestTransitions(pool, ingest, ownOrg)) > 0 ? 0 : PAUSE,
    );
  }

  /** Returns once the running evaluations have ended. */
  async stop(): Promise<void> {
    await Promise.all([this.#rounds.stop(), this.#dueAtStart]);
  }

  /** Rejects while round after round fails, and while an evaluation hangs. */
  check(): Promise<void> {
    return this.#rounds.check();
  }

  /** Makes the rules of some orgs due that are evaluated as soon as new data is rolled up. Never rejects. */
  async dataArrived(orgIds: readonly string[] | 'all'): Promise<void> {
    const { pool, clock, log } = this.#options;
    try {
      const { due, held } = await makeDue(pool, orgIds, clock.now());
      if (due > 0) this.#rounds.wake();
      if (held > 0) this.#arrived.push(orgIds);
    } catch (error) {
      // These rules are still evaluated at their interval.
      log.warn({ err: error }, 'alert rules could not be made due after new data');
    }
  }

  async #evaluateNext(lane: Lane): Promise<number> {
    if (lane === 'rollups') await this.#retryHeld();
    const wasDue = await evaluateDue(this.#evaluator, lane);
    if (wasDue) this.#options.onEvaluated?.();
    return wasDue ? 0 : PAUSE;
  }

  async #escalate(started: number): Promise<number> {
    const { pool, route, clock, log, metrics, onEvaluated } = this.#options;
    const now = clock.now();
    const dueSince = now < started + CATCHING_UP ? now - OVERDUE : 0;
    const { seen, told, failed } = await escalateDue(pool, route, now, dueSince);
    for (const { alertId, error } of failed)
      log.error({ err: error, alert: alertId }, 'a step of an escalation could not be told');
    if (told === 0) return PAUSE;
    metrics.alertTransitions.inc({ transition: 'escalation_step' }, told);
    onEvaluated?.();
    return seen > told ? PAUSE : 0;
  }

  async #retryHeld(): Promise<void> {
    const arrived = this.#arrived.splice(0);
    if (arrived.length > 0)
      await this.dataArrived(arrived.includes('all') ? 'all' : [...new Set(arrived.flat())]);
  }
}
