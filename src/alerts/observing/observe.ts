import type { PoolClient } from 'pg';
import { isConnectionError, isStatementTimeout } from '../../database/connection-error.ts';
import type { TimeRange } from '../../queries/reading/time-buckets.ts';
import { DAY, MINUTE, SECOND } from '../../time.ts';
import { isOpen } from '../decision/alert-state.ts';
import type { GroupState } from '../decision/group-state.ts';
import { failedObservation } from '../decision/observation.ts';
import type { ClaimedConfig } from '../rules/claimed-config.ts';
import { type Group, keyOfGroup } from '../rules/group.ts';
import { watchableMetrics } from '../rules/metrics.ts';
import type { Rule } from '../rules/rule.ts';
import { observeFreshness } from './freshness.ts';
import { type AskPrometheus, observePrometheus } from './prometheus.ts';
import { READ_LIMIT } from './read-limit.ts';
import { type Observations, type Observed, type Occasion, observeRollups } from './rollups.ts';
import { observeService } from './service.ts';

/** Numbers further behind than that, or than the window, tell nothing of now. */
const LEAST_LAG_TOLERATED = 10 * MINUTE;
const BASELINE_REACH = 90 * DAY;
const TOO_SLOW = `the values could not be read within ${READ_LIMIT / SECOND} s`;

/** A config, and the moment it is observed at. */
export interface Viewpoint {
  config: ClaimedConfig;
  rule: Rule;
  /** How its groups stand before that. */
  states: ReadonlyMap<string, GroupState>;
  /** Milliseconds, both; everything stored before `asOf` is in the numbers. */
  at: number;
  asOf: number;
  /** Aborts when the time for reading is over. */
  signal: AbortSignal;
}

export interface Outcome {
  found: Observations;
  /** Why nothing could be read, in words; null when all went well. */
  failure: string | null;
  /** What is not watched though all went well, in words. */
  limitation: string | null;
}

/**
 * Observes each group of a rule at a moment. What goes wrong leaves the transaction as it was, and is told of each group.
 * @throws when the connection is lost
 */
export async function observe(
  askPrometheus: AskPrometheus,
  client: PoolClient,
  { config, rule, states, at, asOf, signal }: Viewpoint,
): Promise<Outcome> {
  const metric = watchableMetrics.get(rule.metric);
  if (!metric) throw new Error(`${rule.metric} is not known`);
  const known = [...states.values()].map(({ group }) => group);
  const tolerated = Math.max(LEAST_LAG_TOLERATED, rule.windowSeconds * SECOND);
  if (metric.definition && at - asOf > tolerated) {
    return failed(rule, known, `the numbers are ${Math.round((at - asOf) / SECOND)} s behind`);
  }
  const alerting = new Set([...states.values()].filter(({ state }) => isOpen(state)).map(({ key }) => key));
  await client.query('savepoint reading');
  try {
    signal.throwIfAborted();
    const wrongPeriods =
      rule.type === 'anomaly'
        ? await readWrongPeriods(client, config.id, at)
        : new Map<string, TimeRange[]>();
    const { found, groups } = await ask(askPrometheus, client, {
      rule,
      metric,
      orgId: config.org_id,
      now: at,
      asOf,
      known,
      alerting,
      wrongPeriods,
      signal,
    });
    await client.query('release savepoint reading');
    return { found, failure: null, limitation: limitationOf(groups, found.size) };
  } catch (error) {
    if (isConnectionError(error)) throw error;
    await client.query('rollback to savepoint reading');
    return failed(rule, known, isTooSlow(error) ? TOO_SLOW : (error as Error).message);
  }
}

async function ask(askPrometheus: AskPrometheus, client: PoolClient, occasion: Occasion): Promise<Observed> {
  switch (occasion.metric.kind) {
    case 'freshness':
      return wholly(observeFreshness(occasion));
    case 'service':
      return wholly(await observeService(client, occasion));
    case 'prometheus':
      return observePrometheus(askPrometheus, occasion);
    default:
      return observeRollups(client, occasion);
  }
}

function wholly(found: Observations): Observed {
  return { found, groups: found.size };
}

function limitationOf(groups: number, watched: number): string | null {
  return groups === watched
    ? null
    : `it has ${groups} groups and ${watched} are watched: those that were before, and of the others those with the most samples`;
}

/** Given up by the database, or by the signal. */
function isTooSlow(error: unknown): boolean {
  return isStatementTimeout(error) || (error as Error).name === 'TimeoutError';
}

/** Nothing could be read: of every group that is known, and of the only one of a rule that does not group. */
function failed(rule: Rule, known: readonly Group[], failure: string): Outcome {
  const groups = known.length === 0 && rule.groupBy.length === 0 && rule.expression === null ? [{}] : known;
  const observation = failedObservation(failure);
  const found = new Map(groups.map((group) => [keyOfGroup(group), { group, observation }]));
  return { found, failure, limitation: null };
}

async function readWrongPeriods(
  client: PoolClient,
  configId: string,
  now: number,
): Promise<Map<string, TimeRange[]>> {
  const { rows } = await client.query<{ group_key: string; pending_at: Date; resolved_at: Date | null }>(
    `select group_key, pending_at, resolved_at from analytics.alert_history
     where config_id = $1 and coalesce(resolved_at, 'infinity') > $2`,
    [configId, new Date(now - BASELINE_REACH)],
  );
  const periods = new Map<string, TimeRange[]>();
  for (const { group_key, pending_at, resolved_at } of rows) {
    const period = { start: pending_at.getTime(), end: resolved_at?.getTime() ?? Number.POSITIVE_INFINITY };
    periods.set(group_key, [...(periods.get(group_key) ?? []), period]);
  }
  return periods;
}
