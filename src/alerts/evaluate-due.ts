import type { PoolClient } from 'pg';
import { isConnectionError } from '../database/connection-error.ts';
import { withTransaction } from '../database/pool.ts';
import { SECOND } from '../time.ts';
import { evaluateConfig } from './evaluate-config.ts';
import type { ClaimedConfig, Evaluator, Lane } from './evaluator.ts';

const MAX_FAILURE = 500;

/**
 * Evaluates the config that has been due for longest, if one is. Whoever claims it holds it until its state, its
 * history and its notices are committed together; if the process dies before, nothing of it has happened. What goes
 * wrong with one config is noted there, and the next one is evaluated all the same.
 * @returns whether one was due
 * @throws when the database cannot be reached
 */
export const evaluateDue = (evaluator: Evaluator, lane: Lane): Promise<boolean> =>
  withTransaction(evaluator.pool, async (client) => {
    const now = evaluator.clock.now();
    const config = await claim(client, lane, now);
    if (!config) return false;
    const began = performance.now();
    let failure: string | null;
    await client.query('savepoint evaluation');
    try {
      failure = await evaluateConfig(evaluator, client, config, now);
    } catch (error) {
      if (isConnectionError(error)) throw error;
      await client.query('rollback to savepoint evaluation');
      evaluator.log.error({ err: error, config: config.id }, 'an alert rule could not be evaluated');
      failure = `evaluation failed: ${(error as Error).message}`;
    }
    await conclude(client, config, now, failure);
    evaluator.metrics.alertEvaluationSeconds.observe(
      { outcome: failure === null ? 'ok' : 'failed' },
      (performance.now() - began) / SECOND,
    );
    return true;
  });

const claim = async (client: PoolClient, lane: Lane, now: number): Promise<ClaimedConfig | undefined> => {
  const { rows } = await client.query<ClaimedConfig>(
    `select id, org_id, name, rule, version, interval_seconds, silenced_until, next_evaluation_at, last_evaluated_at,
       failures
     from analytics.alert_configs
     where enabled and next_evaluation_at <= $1 and (metric = 'prometheus') = $2
     order by next_evaluation_at
     limit 1
     for update skip locked`,
    [new Date(now), lane === 'prometheus'],
  );
  return rows[0];
};

/** Notes how it went, and when the config is due again: in step with when it was due before, whatever was missed. */
const conclude = async (
  client: PoolClient,
  config: ClaimedConfig,
  now: number,
  failure: string | null,
): Promise<void> => {
  const interval = config.interval_seconds * SECOND;
  const due = config.next_evaluation_at.getTime();
  const next = due + (Math.floor((now - due) / interval) + 1) * interval;
  await client.query(
    `update analytics.alert_configs
     set next_evaluation_at = $2, last_evaluated_at = $3, failures = $4, failure = $5
     where id = $1`,
    [
      config.id,
      new Date(next),
      new Date(now),
      failure === null ? 0 : config.failures + 1,
      failure?.slice(0, MAX_FAILURE) ?? null,
    ],
  );
};
