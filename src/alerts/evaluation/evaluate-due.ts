import type { PoolClient } from 'pg';
import { isConnectionError } from '../../database/connection-error.ts';
import { withTransaction } from '../../database/pool.ts';
import { withSavepoint } from '../../database/savepoint.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { SECOND } from '../../time.ts';
import type { EvaluationResult } from '../observing/evaluation.ts';
import { READ_LIMIT } from '../observing/read-limit.ts';
import { isOfTheMoment, watchableMetrics } from '../rules/metrics.ts';
import type { ClaimedConfig } from './claimed-config.ts';
import { evaluateConfig } from './evaluate-config.ts';
import type { ClaimOrder } from './evaluation-shares.ts';
import type { Evaluator, FinishedEvaluation, Lane } from './evaluator.ts';
import { nextEvaluation } from './next-evaluation.ts';
import { tellFailing } from './tell-failing.ts';

const MAX_FAILURE = 500;

const all = [...watchableMetrics.values()];
/** The metrics of each lane. All others belong to `rollups`, such as a metric that no longer exists. */
const metricsOfLane: Record<Exclude<Lane, 'rollups'>, string[]> = {
  prometheus: all.filter(({ kind }) => kind === 'prometheus').map(({ name }) => name),
  service: all.filter(isOfTheMoment).map(({ name }) => name),
};

/**
 * Evaluates a due config of a lane, of the owner whose turn it is. The claim holds until the state, the history and the
 * notices are committed together. If the process dies before, none of it has happened.
 *
 * An error is stored with its config, even if it lost the session, so that the next config is evaluated all the same.
 * @returns whether a config was due
 * @throws when the database cannot be reached
 */
export async function evaluateDue(evaluator: Evaluator, lane: Lane): Promise<boolean> {
  await storeLostResults(evaluator);
  const { pool, clock, log, metrics } = evaluator;
  const shares = evaluator.shares[lane];
  const now = clock.now();
  const began = performance.now();
  let config: ClaimedConfig | undefined;
  const finished = (claimed: ClaimedConfig, result: EvaluationResult): FinishedEvaluation => {
    const took = performance.now() - began;
    const outcome = result.failure === null ? 'ok' : 'failed';
    metrics.alertEvaluationSeconds.observe({ outcome }, took / SECOND);
    return { config: claimed, now, took, result };
  };
  try {
    const inTime = { statementTimeoutMs: READ_LIMIT };
    await withTransaction(
      pool,
      async (client) => {
        config = await shares.claim((order) => claim(client, lane, now, order), ownerOf);
        if (!config) return;
        metrics.alertWaitSeconds.inc(Math.max(0, now - config.next_evaluation_at.getTime()) / SECOND);
        const result = await evaluate(evaluator, client, config, now);
        await storeResult(evaluator, client, clock.now(), finished(config, result));
      },
      inTime,
    );
  } catch (error) {
    if (!config) throw error;
    log.error(
      { err: error, config: config.id },
      'the database session was lost while an alert rule was evaluated',
    );
    evaluator.lost.add(finished(config, failureOf(error)));
    await storeLostResults(evaluator);
  } finally {
    if (config) shares.end(ownerOf(config), performance.now() - began);
  }
  return config !== undefined;
}

function ownerOf({ org_id }: ClaimedConfig): string {
  return org_id ?? ALL_ORGS;
}

function failureOf(error: unknown): EvaluationResult {
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
): Promise<EvaluationResult> {
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

const COLUMNS = `id, org_id, name, rule, version, interval_seconds, silenced_until, next_evaluation_at,
  last_evaluated_at, failures, failure, failing_since, failing_told`;
const OWNER = `coalesce(org_id, '${ALL_ORGS}')`;
/** More configs of one owner than other evaluators can hold at this moment. */
const IN_TURN = 10;

/** Claims the config that has been due for longest, of the owners that do not go last if there is one. */
async function claim(
  client: PoolClient,
  lane: Lane,
  now: number,
  { excluded, last }: ClaimOrder,
): Promise<ClaimedConfig | undefined> {
  const ofLane = lane === 'rollups' ? 'metric <> all($2)' : 'metric = any($2)';
  const due = `enabled and next_evaluation_at <= $1 and ${ofLane}`;
  const metrics = lane === 'rollups' ? Object.values(metricsOfLane).flat() : metricsOfLane[lane];
  const given = [new Date(now), metrics];
  // This one stops at the first row of the index.
  const { rows } = await client.query<ClaimedConfig>(
    withSurroundings(`
      select ${COLUMNS} from analytics.alert_configs where ${due} and ${OWNER} <> all($3::text[])
      order by next_evaluation_at limit 1 for update skip locked`),
    [...given, [...excluded, ...last]],
  );
  if (rows[0] || last.length === 0) return rows[0];
  // This one looks at the first few of each owner, however many rules are due.
  const inTurn = await client.query<ClaimedConfig>(
    withSurroundings(`
      select ${COLUMNS} from (
        select first.id, o.place from unnest($3::text[]) with ordinality as o (owner, place)
        cross join lateral (
          select id from analytics.alert_configs where ${due} and ${OWNER} = o.owner
          order by next_evaluation_at limit ${IN_TURN}) as first) as turn
      join analytics.alert_configs using (id)
      where ${due} order by place, next_evaluation_at limit 1 for update of alert_configs skip locked`),
    [...given, last.filter((owner) => !excluded.includes(owner))],
  );
  return inTurn.rows[0];
}

/** Adds what the evaluation of a claimed config needs to know of its org, so that it need not ask. */
function withSurroundings(claimSql: string): string {
  return `
    with claimed as (${claimSql})
    select c.*,
      (select min(completed_at) from analytics.ingestion_batches
       where rolled_up_at is null and (c.org_id is null or c.org_id = any(org_ids))) as waiting_since,
      (select timezone from analytics.org_settings o where o.org_id = coalesce(c.org_id, '${ALL_ORGS}')) as timezone,
      exists (
        select from analytics.alert_silences s
        where coalesce(s.org_id, '${ALL_ORGS}') = coalesce(c.org_id, '${ALL_ORGS}')
          and (s.closes_at > $1 or s.recurrence is not null)) as has_silences
    from claimed c`;
}

/** Stores the failures of configs whose session was lost. Otherwise the same config would be claimed first for ever. */
async function storeLostResults(evaluator: Evaluator): Promise<void> {
  const { pool, clock, lost } = evaluator;
  for (const one of lost) {
    await withTransaction(pool, (client) => storeResult(evaluator, client, clock.now(), one));
    lost.delete(one);
  }
}

/**
 * Stores the result of an evaluation, and when the config is due again. A config that another engine has evaluated or
 * claimed meanwhile is left alone, and so is one whose commit succeeded although its answer was lost.
 */
async function storeResult(
  { route, log }: Evaluator,
  client: PoolClient,
  ended: number,
  { config, now, took, result: { failure, limitation, sourceAway = false } }: FinishedEvaluation,
): Promise<void> {
  const failures = failure === null ? 0 : config.failures + 1;
  const due = config.next_evaluation_at;
  const interval = config.interval_seconds * SECOND;
  const next = nextEvaluation({ due: due.getTime(), ended, took, interval, failures });
  const { rows } = await client.query<{ failing_since: Date | null }>(
    `update analytics.alert_configs
     set next_evaluation_at = $2, last_evaluated_at = $3, failures = $4, failure = $5,
       failing_since = case when $4 > 0 then coalesce(failing_since, $3) end, source_away = $7
     where id = (
       select id from analytics.alert_configs
       where id = $1 and date_trunc('milliseconds', next_evaluation_at) = $6
       for update skip locked)
     returning failing_since`,
    [
      config.id,
      new Date(next),
      new Date(now),
      failures,
      (failure ?? limitation)?.slice(0, MAX_FAILURE) ?? null,
      due,
      sourceAway,
    ],
  );
  if (rows.length === 0 || (failures === 0 && !config.failing_told)) return;
  const failing = {
    failure: (failure ?? config.failure ?? '').slice(0, MAX_FAILURE),
    failures,
    since: rows[0]?.failing_since ?? config.failing_since ?? new Date(now),
    next,
  };
  const error = await withSavepoint(client, async () => {
    const isTold = await tellFailing(client, route, config, { ...failing, now: ended });
    if (isTold === config.failing_told) return;
    await client.query('update analytics.alert_configs set failing_told = $2 where id = $1', [
      config.id,
      isTold,
    ]);
  });
  if (error) log.error({ err: error, config: config.id }, 'it could not be told that an alert rule fails');
}
