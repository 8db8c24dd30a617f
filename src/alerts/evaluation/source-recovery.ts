import type { Pool } from 'pg';
import { SECOND } from '../../time.ts';
import type { PrometheusSource } from '../observing/prometheus.ts';

const FIRST_PROBE = SECOND;
const LONGEST_PAUSE = 60 * SECOND;

// Of rules that rest, and whose last evaluation found their source away.
const RESTING = 'enabled and source_away and next_evaluation_at > $1';

/**
 * Makes rules due whose evaluation failed because Prometheus was away, as soon as it answers: they rest for up to ten minutes.
 * One probe is made for all of them, after a second at first and after a minute at most.
 */
export class SourceRecovery {
  readonly #pool: Pool;
  readonly #source: PrometheusSource;
  /** The pause before the next probe, and when it is due; milliseconds of `performance.now()`. */
  #pause = FIRST_PROBE;
  #probeAt = 0;

  constructor(pool: Pool, source: PrometheusSource) {
    this.#pool = pool;
    this.#source = source;
  }

  /** @returns how many rules it made due, and milliseconds until it should be called again */
  async look(now: number): Promise<{ due: number; pause: number }> {
    const left = this.#probeAt - performance.now();
    if (left > 0) return { due: 0, pause: left };
    const { rows } = await this.#pool.query(`select from analytics.alert_configs where ${RESTING} limit 1`, [
      new Date(now),
    ]);
    if (rows.length === 0) {
      this.#pause = FIRST_PROBE;
      return { due: 0, pause: FIRST_PROBE };
    }
    if (await this.#source.isAnswering()) {
      const { rowCount } = await this.#pool.query(
        `update analytics.alert_configs set next_evaluation_at = $1
         where id in (select id from analytics.alert_configs where ${RESTING} for update skip locked)`,
        [new Date(now)],
      );
      this.#pause = FIRST_PROBE;
      return { due: rowCount ?? 0, pause: FIRST_PROBE };
    }
    const pause = this.#pause;
    this.#probeAt = performance.now() + pause;
    this.#pause = Math.min(LONGEST_PAUSE, 2 * pause);
    return { due: 0, pause };
  }
}
