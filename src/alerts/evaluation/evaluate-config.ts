import type { PoolClient } from 'pg';
import { DAY, SECOND } from '../../time.ts';
import { readGroupStates } from '../history/group-states.ts';
import type { Evaluation, EvaluationResult } from '../observing/evaluation.ts';
import { observe } from '../observing/observe.ts';
import { READ_LIMIT } from '../observing/read-limit.ts';
import { isOfTheMoment, type WatchableMetric, watchableMetrics } from '../rules/metrics.ts';
import { inZoneOf } from '../rules/org-zone.ts';
import { readRule } from '../rules/read-rule.ts';
import { readSilencesInForce, silencedByRule } from '../silences/silences-in-force.ts';
import { applyObservations } from './apply-observations.ts';
import type { ClaimedConfig } from './claimed-config.ts';
import type { Evaluator } from './evaluator.ts';

/** After so many missed evaluations the engine catches up. */
const MISSED = 3;
/** A gap is caught up in so many steps at most, and only as far back as minutes are certainly kept. */
const CATCH_UP_STEPS = 20;
const CATCH_UP_MOST = DAY;

/**
 * Evaluates a config in the transaction that claimed it. It observes the groups, decides about each, and writes the
 * states, the history and the notices.
 */
export async function evaluateConfig(
  evaluator: Evaluator,
  client: PoolClient,
  config: ClaimedConfig,
  now: number,
): Promise<EvaluationResult> {
  const rule = readRule(config.rule, { allOrgs: config.org_id === null, isStored: true });
  if (Array.isArray(rule)) {
    const faults = rule.map(({ path, message }) => `${path} ${message}`).join('; ');
    return { failure: `the rule is not valid: ${faults}`, limitation: null };
  }
  const metric = watchableMetrics.get(rule.metric);
  if (!metric) throw new Error(`${rule.metric} is not known`);
  const states = await readGroupStates(client, config.id);
  const signal = AbortSignal.timeout(READ_LIMIT);
  const halfTime = performance.now() + READ_LIMIT / 2;
  const waiting = config.waiting_since?.getTime();
  const ruleUntil = config.silenced_until?.getTime() ?? null;
  const silencedAt = config.has_silences
    ? await readSilencesInForce(client, { orgId: config.org_id, now, ruleUntil })
    : silencedByRule(ruleUntil);
  let result: EvaluationResult = { failure: null, limitation: null };
  for (const at of [...missedMoments(config, metric, now), now]) {
    const catchingUp = at < now;
    // After a failure, or half of the time, the engine skips the other missed moments and evaluates the present.
    if (catchingUp && (result.failure !== null || performance.now() > halfTime)) continue;
    const evaluation: Evaluation = {
      configId: config.id,
      orgId: config.org_id,
      rule: inZoneOf(rule, config.timezone),
      metric,
      states,
      now: at,
      asOf: waiting ?? at,
      silencedAt,
      evaluatedBefore: config.last_evaluated_at?.getTime() ?? null,
      catchingUp,
      signal,
    };
    const { groups, ...went } = await observe(evaluator.prometheus.ask, client, evaluation);
    result = went;
    await applyObservations(evaluator, client, evaluation, groups);
  }
  return result;
}

/** The moments at which the config would have been evaluated while no engine ran; milliseconds. */
function missedMoments(
  { last_evaluated_at, interval_seconds }: ClaimedConfig,
  metric: WatchableMetric,
  now: number,
): number[] {
  const interval = interval_seconds * SECOND;
  const last = last_evaluated_at?.getTime() ?? now;
  if (now - last < MISSED * interval || isOfTheMoment(metric)) return [];
  const since = Math.max(last, now - CATCH_UP_MOST);
  const step = Math.max(interval, Math.ceil((now - since) / CATCH_UP_STEPS));
  const moments: number[] = [];
  for (let at = now - step; at > since; at -= step) moments.unshift(at);
  return moments;
}
