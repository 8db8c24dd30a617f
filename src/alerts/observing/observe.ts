import type { PoolClient } from 'pg';
import { isConnectionError, isStatementTimeout } from '../../database/connection-error.ts';
import { MINUTE, SECOND } from '../../time.ts';
import { failedObservation } from '../decision/observation.ts';
import { keyOfGroup } from '../rules/group.ts';
import type { Evaluation, Observations } from './evaluation.ts';
import { observeFreshness } from './freshness.ts';
import { type AskPrometheus, observePrometheus, SourceAway } from './prometheus.ts';
import { READ_LIMIT } from './read-limit.ts';
import { observeRollups } from './rollups.ts';
import { observeService } from './service.ts';

/** Numbers may be behind by this much, or by the window if that is longer. Older ones say nothing of the present. */
const LEAST_LAG_TOLERATED = 10 * MINUTE;
const TOO_SLOW = `the values could not be read within ${READ_LIMIT / SECOND} s`;

/**
 * Observes each group of a rule at a moment. After an error the transaction is as it was before, and the observation of
 * every known group names the error.
 * @throws when the connection is lost
 */
export async function observe(
  askPrometheus: AskPrometheus,
  client: PoolClient,
  evaluation: Evaluation,
): Promise<Observations> {
  const { rule, metric, now, asOf, signal } = evaluation;
  const tolerated = Math.max(LEAST_LAG_TOLERATED, rule.windowSeconds * SECOND);
  if (metric.definition && now - asOf > tolerated) {
    return failed(evaluation, `the numbers are ${Math.round((now - asOf) / SECOND)} s behind`);
  }
  // It is not released: the end of the transaction does that, without a round trip of its own.
  await client.query('savepoint reading');
  try {
    signal.throwIfAborted();
    return await ask(askPrometheus, client, evaluation);
  } catch (error) {
    if (isConnectionError(error)) throw error;
    await client.query('rollback to savepoint reading');
    const failure = isTooSlow(error) ? TOO_SLOW : (error as Error).message;
    return { ...failed(evaluation, failure), sourceAway: error instanceof SourceAway };
  }
}

async function ask(
  askPrometheus: AskPrometheus,
  client: PoolClient,
  evaluation: Evaluation,
): Promise<Observations> {
  switch (evaluation.metric.kind) {
    case 'freshness':
      return observeFreshness(evaluation);
    case 'service':
      return observeService(client, evaluation);
    case 'prometheus':
      return observePrometheus(askPrometheus, evaluation);
    default:
      return observeRollups(client, evaluation);
  }
}

/** Whether the database or the signal ended the query because it took too long. */
function isTooSlow(error: unknown): boolean {
  return isStatementTimeout(error) || (error as Error).name === 'TimeoutError';
}

/** The observations of a failed query: of every known group, or of the only group of a rule that does not group. */
function failed({ rule, states }: Evaluation, failure: string): Observations {
  const known = [...states.values()].map(({ key, group }) => ({ key, group }));
  const hasOneGroup = rule.groupBy.length === 0 && rule.expression === null;
  const groups = known.length === 0 && hasOneGroup ? [{ key: keyOfGroup({}), group: {} }] : known;
  const observation = failedObservation(failure);
  return {
    groups: new Map(groups.map(({ key, group }) => [key, { group, observation }])),
    failure,
    limitation: null,
  };
}
