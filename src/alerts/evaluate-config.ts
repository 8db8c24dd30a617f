import type { PoolClient } from 'pg';
import type { TimeRange } from '../queries/time-buckets.ts';
import { DAY, MINUTE, SECOND } from '../time.ts';
import { type AlertState, initialState } from './alert-state.ts';
import { type Decision, decide } from './decide.ts';
import type { ClaimedConfig, Evaluator } from './evaluator.ts';
import { type Group, groupOfKey, keyOfGroup } from './group.ts';
import {
  type GroupState,
  isForgotten,
  isWorthWriting,
  readGroupStates,
  writeGroupStates,
} from './group-states.ts';
import { isOfTheMoment, watchableMetrics } from './metrics.ts';
import { failedObservation } from './observation.ts';
import { observeFreshness, oldestWaiting } from './observe-freshness.ts';
import { observePrometheus } from './observe-prometheus.ts';
import {
  type Observed as Found,
  type Observations,
  type Occasion,
  observeRollups,
} from './observe-rollups.ts';
import { observeService } from './observe-service.ts';
import { readRule } from './read-rule.ts';
import { type AlertSource, openAlert, recordHappening } from './record-transition.ts';
import type { Rule } from './rule.ts';
import type { Verdict } from './verdict.ts';
import { windowSecondsOf, windowsAt } from './windows.ts';

/** After so many missed evaluations there was a gap, and it is caught up. */
const MISSED = 3;
/** A gap is looked at in so many steps, and no further back than minutes are surely kept. */
const CATCH_UP_STEPS = 20;
const CATCH_UP_MOST = DAY;
/** Numbers further behind than that, or than the window, tell nothing of now. */
const LEAST_LAG_TOLERATED = 10 * MINUTE;
const BASELINE_REACH = 90 * DAY;
const READING = 15 * SECOND;

/**
 * Evaluates a config in the transaction it was claimed in: reads the values of its groups, decides, and writes down
 * how each stands, what happened and who is to be told.
 * @returns why nothing could be read, in words; `null` when all went well
 */
export const evaluateConfig = async (
  evaluator: Evaluator,
  client: PoolClient,
  config: ClaimedConfig,
  now: number,
): Promise<string | null> => {
  const rule = readRule(config.rule, { allOrgs: config.org_id === null });
  if (Array.isArray(rule)) {
    return `the rule is not valid: ${rule.map(({ path, message }) => `${path} ${message}`).join('; ')}`;
  }
  const states = await readGroupStates(client, config.id);
  const moments = [...missedMoments(config, rule, now), now];
  const waiting = await oldestWaiting(client, config.org_id);
  let failure: string | null = null;
  for (const at of moments) {
    // Who does not answer about one moment is not asked about twenty.
    if (failure !== null && at < now) continue;
    const observed = await observe(evaluator, client, config, rule, states, at, waiting ?? at);
    failure = observed.failure;
    await apply(evaluator, client, { config, rule, states, at, catchingUp: at < now }, observed.found);
  }
  return failure;
};

/** When the config would have been evaluated while nobody did; milliseconds. */
const missedMoments = (
  { last_evaluated_at, interval_seconds }: ClaimedConfig,
  rule: Rule,
  now: number,
): number[] => {
  const metric = watchableMetrics.get(rule.metric);
  const interval = interval_seconds * SECOND;
  const last = last_evaluated_at?.getTime() ?? now;
  if (now - last < MISSED * interval || (metric && isOfTheMoment(metric))) return [];
  const since = Math.max(last, now - CATCH_UP_MOST);
  const step = Math.max(interval, Math.ceil((now - since) / CATCH_UP_STEPS));
  const moments: number[] = [];
  for (let at = now - step; at > since; at -= step) moments.unshift(at);
  return moments;
};

interface Observed {
  found: Observations;
  failure: string | null;
}

const observe = async (
  { askPrometheus, readPool }: Evaluator,
  client: PoolClient,
  config: ClaimedConfig,
  rule: Rule,
  states: ReadonlyMap<string, GroupState>,
  now: number,
  asOf: number,
): Promise<Observed> => {
  const metric = watchableMetrics.get(rule.metric);
  const known = [...states.values()].map(({ group }) => group);
  if (!metric) throw new Error(`${rule.metric} is not known`);
  const occasion: Occasion = {
    rule,
    metric,
    orgId: config.org_id,
    now,
    asOf,
    known,
    unsettled: new Set(
      [...states.values()].filter(({ state }) => state.condition !== 'normal').map(({ key }) => key),
    ),
    signal: AbortSignal.timeout(READING),
    wrongPeriods: rule.type === 'anomaly' ? await readWrongPeriods(client, config.id, now) : new Map(),
  };
  if (metric.kind === 'freshness') return { found: observeFreshness(occasion), failure: null };
  if (metric.kind === 'service') return { found: await observeService(client, occasion), failure: null };
  const tolerated = Math.max(LEAST_LAG_TOLERATED, rule.windowSeconds * SECOND);
  if (metric.kind !== 'prometheus' && now - asOf > tolerated) {
    return failed(rule, known, `the numbers are ${Math.round((now - asOf) / SECOND)} s behind`);
  }
  try {
    const found =
      metric.kind === 'prometheus'
        ? await observePrometheus(askPrometheus, occasion)
        : await observeRollups(readPool, occasion);
    return { found: found.found, failure: limitationOf(found) };
  } catch (error) {
    return failed(rule, known, (error as Error).message);
  }
};

/** Nothing could be read: of every group that is known, and of the only one of a rule that does not group. */
const failed = (rule: Rule, known: readonly Group[], failure: string): Observed => {
  const groups = known.length === 0 && rule.groupBy.length === 0 && rule.expression === null ? [{}] : known;
  const observation = failedObservation(failure);
  return { found: new Map(groups.map((group) => [keyOfGroup(group), { group, observation }])), failure };
};

/** What is not watched though all went well, in words. */
const limitationOf = ({ found, groups }: Found): string | null =>
  groups === found.size
    ? null
    : `it has ${groups} groups and ${found.size} are watched: those that were before, and of the others those with the most samples`;

const readWrongPeriods = async (
  client: PoolClient,
  configId: string,
  now: number,
): Promise<Map<string, TimeRange[]>> => {
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
};

interface Application {
  config: ClaimedConfig;
  rule: Rule;
  /** Kept up to date from one moment to the next. */
  states: Map<string, GroupState>;
  at: number;
  catchingUp: boolean;
}

const apply = async (
  evaluator: Evaluator,
  client: PoolClient,
  { config, rule, states, at, catchingUp }: Application,
  found: Observations,
): Promise<void> => {
  const silencedUntil = config.silenced_until?.getTime() ?? null;
  const source: AlertSource = { configId: config.id, orgId: config.org_id, rule };
  const changed: GroupState[] = [];
  // What was known and is not observed has made way for other groups.
  const forgotten = [...states.keys()].filter((key) => !found.has(key));
  for (const key of forgotten) states.delete(key);
  for (const [key, { group, observation }] of found) {
    const before = states.get(key);
    const decision = decide(rule, observation, before?.state ?? initialState(at), at, {
      silencedUntil,
      catchingUp,
    });
    const { measured } = decision.verdict;
    const after: GroupState = {
      key,
      group,
      state: decision.state,
      alertId: before?.alertId ?? null,
      startedAt: before?.startedAt ?? null,
      value: measured.value,
      lastSeenAt: measured.samples > 0 ? at : (before?.lastSeenAt ?? at),
    };
    if (decision.transition) await record(evaluator, client, source, after, decision, before?.state, at);
    // A person had resolved it; now it is right again.
    if (after.state.workflow === 'none') after.alertId = null;
    if (isForgotten(after, rule.windowSeconds * SECOND, at)) {
      states.delete(key);
      if (before) forgotten.push(key);
      continue;
    }
    states.set(key, after);
    if (isWorthWriting(before, after, at)) changed.push(after);
  }
  await writeGroupStates(client, config.id, changed, forgotten, at);
};

/** Writes a transition down; the alert it opens or ends becomes, or is no longer, that of the group. */
const record = async (
  { route, metrics }: Evaluator,
  client: PoolClient,
  source: AlertSource,
  after: GroupState,
  { transition, reason, verdict, state }: Decision,
  before: AlertState | undefined,
  at: number,
): Promise<void> => {
  if (!transition) return;
  const happening = {
    at,
    transition: transition.name,
    reason,
    notice: transition.notice,
    suppressedBy: transition.suppressedBy,
    value: verdict.measured.value,
    samples: verdict.measured.samples,
    baseline: verdict.reference,
  };
  if (transition.name === 'firing') {
    const window = windowOf(source.rule, verdict, at);
    const evidence = {
      reason: verdict.reason,
      compared: verdict.compared,
      baseline: verdict.reference,
      baselineKind: verdict.baseline?.kind ?? null,
      baselineSamples: verdict.baseline?.samples ?? null,
      windowStart: window && new Date(window.start).toISOString(),
      windowEnd: window && new Date(window.end).toISOString(),
    };
    after.alertId = await openAlert(client, source, { group: after.group, state, happening, evidence });
    after.startedAt = at;
  }
  if (after.alertId === null) throw new Error('there is no open alert to write the transition of');
  const severity = state.severity ?? before?.severity ?? source.rule.severity;
  const alert = {
    id: after.alertId,
    group: groupOfKey(after.key),
    severity,
    startedAt: after.startedAt ?? at,
  };
  await recordHappening(client, route, source, alert, happening);
  metrics.alertTransitions.inc({ transition: transition.name });
};

/** What the value that a verdict is told from was taken over; null for a number of the moment. */
const windowOf = (rule: Rule, { early }: Verdict, at: number): TimeRange | null => {
  const seconds = windowSecondsOf(rule);
  if (seconds === 0) return null;
  if (watchableMetrics.get(rule.metric)?.definition === undefined)
    return { start: at - seconds * SECOND, end: at };
  const { complete, current } = windowsAt(rule, at, at);
  return early === undefined ? complete : (current[early] ?? complete);
};
