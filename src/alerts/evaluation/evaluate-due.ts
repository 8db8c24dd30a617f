import type { PoolClient } from 'pg';
import { isConnectionError } from '../../database/connection-error.ts';
import { type Database, withTransaction } from '../../database/pool.ts';
import { SECOND } from '../../time.ts';
import { READ_LIMIT } from '../observing/read-limit.ts';
import type { ClaimedConfig } from '../rules/claimed-config.ts';
import { isOfTheMoment, watchableMetrics } from '../rules/metrics.ts';
import { type Evaluation, evaluateConfig } from './evaluate-config.ts';
import type { Concluded, Evaluator, Lane } from './evaluator.ts';
import { nextEvaluation } from './next-evaluation.ts';

const MAX_FAILURE = 500;

const all = [...watchableMetrics.values()];
/** The metrics of each lane; those of rollups are all others, such as one that is no longer known. */
const metricsOfLane: Record<Exclude<Lane, 'rollups'>, string[]> = {
  prometheus: all.filter(({ kind }) => kind === 'prometheus').map(({ name }) => name),
  service: all.filter(isOfTheMoment).map(({ name }) => name),
};

/**
 * Evaluates the config of a lane that has been due for longest, if one is. Whoever claims it holds it until its state,
 * its history and its notices are committed together; if the process dies before, nothing of it has happened. What goes
 * wrong with one config is noted there, also when its session is lost over it, and the next one is evaluated all the same.
 * @returns whether one was due
 * @throws when the database cannot be reached
 */
export async function evaluateDue(evaluator: Evaluator, lane: Lane): Promise<boolean> {
  await concludeLost(evaluator);
  const { pool, clock, log, metrics } = evaluator;
  const now = clock.now();
  const began = performance.now();
  let config: ClaimedConfig | undefined;
  const concluded = (claimed: ClaimedConfig, evaluation: Evaluation): Concluded => {
    const took = performance.now() - began;
    const outcome = evaluation.failure === null ? 'ok' : 'failed';
    metrics.alertEvaluationSeconds.observe({ outcome }, took / SECOND);
    return { config: claimed, now, took, ...evaluation };
  };
  try {
    await withTransaction(pool, async (client) => {
      await client.query(`set local statement_timeout = ${READ_LIMIT}`);
      config = await claim(client, lane, now);
      if (!config) return;
      await conclude(client, clock.now(), concluded(config, await evaluate(evaluator, client, config, now)));
    });
  } catch (error) {
    if (!config) throw error;
    log.error({ err: error, config: config.id }, 'an alert rule lost its session while it was evaluated');
    evaluator.lost.add(concluded(config, failureOf(error)));
    await concludeLost(evaluator);
  }
  return config !== undefined;
}

function failureOf(error: unknown): Evaluation {
  return {
    failure: `evaluation failed: ${(error as Error).message}`,
    limitation: null,
  };
}

async function evaluate(
  evaluator: Evaluator,
  client: PoolClient,
  config: ClaimedConfig,
  now: number,
): Promise<Evaluation> {
  await client.query('savepoint evaluation');
  try {
    return await evaluateConfig(evaluator, client, config, now);
  } catch (error) {
    if (isConnectionError(error)) throw error;
    await client.query('rollback to savepoint evaluation');
    evaluator.log.error({ err: error, config: config.id }, 'an alert rule could not be evaluated');
    return failureOf(error);
  }
}

async function claim(client: PoolClient, lane: Lane, now: number): Promise<ClaimedConfig | undefined> {
  const ofLane = lane === 'rollups' ? 'metric <> all($2)' : 'metric = any($2)';
  const { rows } = await client.query<ClaimedConfig>(
    `select id, org_id, name, rule, version, interval_seconds, silenced_until, next_evaluation_at, last_evaluated_at,
       failures
     from analytics.alert_configs
     where enabled and next_evaluation_at <= $1 and ${ofLane}
     order by next_evaluation_at
     limit 1
     for update skip locked`,
    [new Date(now), lane === 'rollups' ? Object.values(metricsOfLane).flat() : metricsOfLane[lane]],
  );
  return rows[0];
}

/** Notes on the rules whose sessions were lost that they failed, so that they are not the first to be claimed for ever. */
async function concludeLost({ pool, clock, lost }: Evaluator): Promise<void> {
  for (const one of lost) {
    await conclude(pool, clock.now(), one);
    lost.delete(one);
  }
}

/**
 * Notes how it went, and when the config is due again. Where somebody else has evaluated it meanwhile, or does, or it was
 * committed after all and only the answer lost, it stays as they say.
 */
async function conclude(
  database: Database,
  ended: number,
  { config, now, took, failure, limitation }: Concluded,
): Promise<void> {
  const failures = failure === null ? 0 : config.failures + 1;
  const due = config.next_evaluation_at;
  const interval = config.interval_seconds * SECOND;
  const next = nextEvaluation({ due: due.getTime(), ended, took, interval, failures });
  await database.query(
    `update analytics.alert_configs
     set next_evaluation_at = $2, last_evaluated_at = $3, failures = $4, failure = $5
     where id = (
       select id from analytics.alert_configs
       where id = $1 and date_trunc('milliseconds', next_evaluation_at) = $6
       for update skip locked)`,
    [
      config.id,
      new Date(next),
      new Date(now),
      failures,
      (failure ?? limitation)?.slice(0, MAX_FAILURE) ?? null,
      due,
    ],
  );
}
