import { Rounds } from '../../jobs/rounds.ts';
import type { Log } from '../../telemetry/log.ts';
import { SECOND } from '../../time.ts';
import type { ExportChanges } from '../jobs/create-export.ts';
import { closeDue, recordCloseFailure } from './close-due.ts';
import { deliverNext } from './deliver-month.ts';
import { monthText } from './month.ts';

export interface SchedulerOptions extends ExportChanges {
  log: Log;
  /** Who issues the costs. */
  issuer: string;
}

/** The time between two looks for a month that is due. */
const PAUSE = 5 * SECOND;

/** Closes months that are due, and has their files written. Any number of workers may run on one database. */
export class MonthScheduler {
  readonly #options: SchedulerOptions;
  readonly #rounds: Rounds;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#rounds = new Rounds({ name: 'export schedules', log: options.log });
  }

  start(): void {
    this.#rounds.begin('close months', async () => ((await this.closeNext()) ? 0 : PAUSE));
    this.#rounds.begin('deliver months', async () => ((await this.deliverNext()) ? 0 : PAUSE));
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  /** Rejects while rounds keep failing. */
  check(): Promise<void> {
    return this.#rounds.check();
  }

  /** Closes a month that is due. @returns whether there was one */
  async closeNext(): Promise<boolean> {
    const { pool, clock, issuer, log } = this.#options;
    const now = clock.now();
    const closed = await closeDue({ pool, now, issuer });
    if (closed.result === 'nothing') return false;
    const { orgId, dataset, nextPeriod } = closed.schedule;
    const what = { orgId, dataset, month: monthText(nextPeriod) };
    if (closed.result === 'closed') {
      log.info(what, 'closed a month');
      return true;
    }
    const { failures } = await recordCloseFailure(pool, closed.schedule, { error: closed.error, now });
    log.warn({ ...what, failures, err: closed.error }, 'a month could not be closed; it is tried again');
    return true;
  }

  /** Takes a step towards the files of a closed month. @returns whether there was something to do */
  async deliverNext(): Promise<boolean> {
    const { log } = this.#options;
    const delivered = await deliverNext(this.#options);
    if (delivered.step === 'nothing') return false;
    const { orgId, dataset, period, revision } = delivered.month;
    const what = { orgId, dataset, month: monthText(period.getTime()), revision };
    if (delivered.step === 'delivered') log.info(what, 'the files of a closed month are written');
    if (delivered.step === 'failed')
      log.warn({ ...what, failure: delivered.failure }, 'the files of a closed month could not be written');
    return true;
  }
}
