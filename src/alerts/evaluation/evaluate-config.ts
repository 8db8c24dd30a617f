import type { PoolClient } from 'pg';
import type { TimeRange } from '../../queries/reading/time-buckets.ts';
import { DAY, SECOND } from '../../time.ts';
import { type AlertState, initialState } from '../decision/alert-state.ts';
import { type Decision, decide } from '../decision/decide.ts';
import type { GroupState } from '../decision/group-state.ts';
import type { Verdict } from '../decision/verdict.ts';
import {
  isAtRest,
  isForgotten,
  isWorthWriting,
  readGroupStates,
  writeGroupStates,
} from '../history/group-states.ts';
import { type AlertSource, openAlert, recordHappening } from '../history/record-transition.ts';
import { oldestWaiting } from '../observing/freshness.ts';
import { observe } from '../observing/observe.ts';
import { READ_LIMIT } from '../observing/read-limit.ts';
import type { Observations } from '../observing/rollups.ts';
import { windowSecondsOf, windowsAt } from '../observing/windows.ts';
import type { ClaimedConfig } from '../rules/claimed-config.ts';
import { groupOfKey } from '../rules/group.ts';
import { isOfTheMoment, watchableMetrics } from '../rules/metrics.ts';
import { readRule } from '../rules/read-rule.ts';
import type { Rule } from '../rules/rule.ts';
import type { Evaluator } from './evaluator.ts';

/** After so many missed evaluations there was a gap, and it is caught up. */
const MISSED = 3;
/** A gap is looked at in so many steps, and no further back than minutes are surely kept. */
const CATCH_UP_STEPS = 20;
const CATCH_UP_MOST = DAY;

/** How an evaluation went, in words; null, both, when all was read and is watched. */
export interface Evaluation {
  /** Why nothing could be read. */
  failure: string | null;
  /** What is not watched. */
  limitation: string | null;
}

/**
 * Evaluates a config in the transaction it was claimed in: reads the values of its groups, decides, and writes down
 * how each stands, what happened and who is to be told.
 */
export async function evaluateConfig(
  evaluator: Evaluator,
  client: PoolClient,
  config: ClaimedConfig,
  now: number,
): Promise<Evaluation> {
  const rule = readRule(config.rule, { allOrgs: config.org_id === null });
  if (Array.isArray(rule)) {
    const faults = rule.map(({ path, message }) => `${path} ${message}`).join('; ');
    return { failure: `the rule is not valid: ${faults}`, limitation: null };
  }
  const states = await readGroupStates(client, config.id);
  const signal = AbortSignal.timeout(READ_LIMIT);
  const halfTime = performance.now() + READ_LIMIT / 2;
  const moments = [...missedMoments(config, rule, now), now];
  const waiting = await oldestWaiting(client, config.org_id);
  let evaluation: Evaluation = { failure: null, limitation: null };
  for (const at of moments) {
    // Who does not answer about one moment is not asked about twenty; and what was may not keep one from what is.
    if (at < now && (evaluation.failure !== null || performance.now() > halfTime)) continue;
    const viewpoint = { config, rule, states, at, asOf: waiting ?? at, signal };
    const { found, ...outcome } = await observe(evaluator.askPrometheus, client, viewpoint);
    evaluation = outcome;
    await apply(evaluator, client, { config, rule, states, at, catchingUp: at < now }, found);
  }
  return evaluation;
}

/** When the config would have been evaluated while nobody did; milliseconds. */
function missedMoments(
  { last_evaluated_at, interval_seconds }: ClaimedConfig,
  rule: Rule,
  now: number,
): number[] {
  const metric = watchableMetrics.get(rule.metric);
  const interval = interval_seconds * SECOND;
  const last = last_evaluated_at?.getTime() ?? now;
  if (now - last < MISSED * interval || (metric && isOfTheMoment(metric))) return [];
  const since = Math.max(last, now - CATCH_UP_MOST);
  const step = Math.max(interval, Math.ceil((now - since) / CATCH_UP_STEPS));
  const moments: number[] = [];
  for (let at = now - step; at > since; at -= step) moments.unshift(at);
  return moments;
}

interface Application {
  config: ClaimedConfig;
  rule: Rule;
  /** Kept up to date from one moment to the next. */
  states: Map<string, GroupState>;
  at: number;
  catchingUp: boolean;
}

async function apply(
  evaluator: Evaluator,
  client: PoolClient,
  { config, rule, states, at, catchingUp }: Application,
  found: Observations,
): Promise<void> {
  const silencedUntil = config.silenced_until?.getTime() ?? null;
  const source: AlertSource = { configId: config.id, orgId: config.org_id, rule };
  const changed: GroupState[] = [];
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
      // Nothing is something where that is what the rule looks for.
      lastSeenAt: measured.samples > 0 || decision.verdict.says === 'wrong' ? at : (before?.lastSeenAt ?? at),
    };
    if (decision.transition) await record(evaluator, client, source, after, decision, before?.state, at);
    // A person had resolved it; now it is right again.
    if (after.state.workflow === 'none') after.alertId = null;
    states.set(key, after);
    if (isWorthWriting(before, after)) changed.push(after);
  }
  // Those that there was no room for at once, if nothing is lost by it: where groups come and go they are ever more.
  const forgotten = [...states.values()]
    .filter((group) => isForgotten(group, rule, at) || (!found.has(group.key) && isAtRest(group, rule, at)))
    .map(({ key }) => key);
  for (const key of forgotten) states.delete(key);
  const kept = changed.filter(({ key }) => states.has(key));
  await writeGroupStates(client, config.id, kept, forgotten, at);
}

/** Writes a transition down; the alert it opens or ends becomes, or is no longer, that of the group. */
async function record(
  { route, metrics }: Evaluator,
  client: PoolClient,
  source: AlertSource,
  after: GroupState,
  { transition, reason, verdict, sighting, state }: Decision,
  before: AlertState | undefined,
  at: number,
): Promise<void> {
  if (!transition) return;
  const happening = {
    at,
    transition: transition.name,
    reason,
    finding: verdict.reason,
    notice: transition.notice,
    suppressedBy: transition.suppressedBy,
    sighting,
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
}

/** What the value that a verdict is told from was taken over; null for a number of the moment. */
function windowOf(rule: Rule, { early }: Verdict, at: number): TimeRange | null {
  const seconds = windowSecondsOf(rule);
  if (seconds === 0) return null;
  if (watchableMetrics.get(rule.metric)?.definition === undefined)
    return { start: at - seconds * SECOND, end: at };
  const { complete, current } = windowsAt(rule, at, at);
  return early === undefined ? complete : (current[early] ?? complete);
}
