import type { PoolClient } from 'pg';
import { isEnding } from '../../notifications/notice/reasons.ts';
import { initialState } from '../decision/alert-state.ts';
import { type Decision, decide } from '../decision/decide.ts';
import type { GroupState } from '../decision/group-state.ts';
import type { Observation } from '../decision/observation.ts';
import type { AlertEvent } from '../history/alert-event.ts';
import { evidenceOf } from '../history/evidence.ts';
import { isAtRest, isForgotten, isWorthWriting, writeGroupStates } from '../history/group-states.ts';
import { openAlert, recordAlertEvent } from '../history/record-alert-event.ts';
import type { Evaluation, ObservedGroups } from '../observing/evaluation.ts';
import { findEndingEdit } from './ending-edit.ts';
import type { Evaluator } from './evaluator.ts';

/** Decides about each observed group, and writes its state, its history and its notices. */
export async function applyObservations(
  evaluator: Evaluator,
  client: PoolClient,
  evaluation: Evaluation,
  groups: ObservedGroups,
): Promise<void> {
  const { rule, states, now } = evaluation;
  const changed: GroupState[] = [];
  for (const [key, { group, observation }] of groups) {
    const before = states.get(key);
    const silenced = evaluation.silencedAt({ rule, group, severity: rule.severity }, now);
    const time = { now, catchingUp: evaluation.catchingUp, silencedUntil: silenced?.until ?? null };
    const decision = decide(rule, observation, before?.state ?? initialState(now), time);
    const after = groupAfter(decision, before ?? newGroup({ key, group }), now);
    await record(evaluator, client, evaluation, {
      ...{ before, after, decision, observation },
      silence: silenced?.silence,
    });
    // Somebody had resolved the alert, and now the value is right too.
    if (after.state.workflow === 'none') after.alertId = null;
    states.set(key, after);
    if (isWorthWriting(before, after)) changed.push(after);
  }
  // An idle group that is displaced by the limit is dropped immediately: else the groups of a busy rule pile up.
  const forgotten = [...states.values()]
    .filter(
      (group) => isForgotten(group, rule, now) || (!groups.has(group.key) && isAtRest(group, rule, now)),
    )
    .map(({ key }) => key);
  for (const key of forgotten) states.delete(key);
  const kept = changed.filter(({ key }) => states.has(key));
  await writeGroupStates(client, evaluation, { changed: kept, forgotten }, now);
}

type Stateless = Omit<GroupState, 'state' | 'value'>;

function newGroup({ key, group }: Pick<GroupState, 'key' | 'group'>): Stateless {
  return { key, group, alertId: null, startedAt: null, lastSeenAt: null };
}

function groupAfter({ state, verdict }: Decision, before: Stateless, now: number): GroupState {
  // Missing data counts as seen if the rule alerts on it.
  const isSeen = verdict.measured.samples > 0 || verdict.says === 'wrong';
  return {
    key: before.key,
    group: before.group,
    state,
    alertId: before.alertId,
    startedAt: before.startedAt,
    value: verdict.measured.value,
    lastSeenAt: isSeen ? now : (before.lastSeenAt ?? now),
  };
}

interface DecidedGroup {
  before: GroupState | undefined;
  /** Gets the id of an alert that opens. */
  after: GroupState;
  decision: Decision;
  observation: Observation;
  /** The silence that is in force for the group, if one is. */
  silence: string | null | undefined;
}

/** Records the transition of a group, if the decision has one. */
async function record(
  { route, metrics }: Evaluator,
  client: PoolClient,
  evaluation: Evaluation,
  { before, after, decision, observation, silence }: DecidedGroup,
): Promise<void> {
  const { transition, verdict, reported, state } = decision;
  if (!transition) return;
  const { configId, orgId, rule, now } = evaluation;
  const lastWrong = before?.state.lastWrong?.at;
  const edited =
    transition.name === 'resolved' && verdict.says === 'right' && lastWrong !== undefined
      ? await findEndingEdit(client, evaluation, { since: lastWrong, now, observation })
      : undefined;
  const reason = edited ? 'rule_edited' : decision.reason;
  const event: AlertEvent = {
    at: now,
    transition,
    reason,
    noticeReason: isEnding(reason) ? reason : verdict.reason,
    reported,
    ...edited,
    flapping: decision.flapping,
    ...(silence && { silence }),
    ...(reason === 'new_normal' && state.normal && { newNormalSince: state.normal.since }),
  };
  if (transition.name === 'firing') {
    after.alertId = await openAlert(client, evaluation, {
      group: after.group,
      pendingAt: state.wrongSince ?? now,
      event,
      evidence: evidenceOf(rule, verdict, now),
    });
    after.startedAt = now;
  }
  if (after.alertId === null) throw new Error('the group has no open alert to record a transition of');
  const alert = {
    configId,
    orgId,
    rule,
    id: after.alertId,
    group: after.group,
    severity: state.severity ?? before?.state.severity ?? rule.severity,
    startedAt: after.startedAt ?? now,
  };
  await recordAlertEvent(client, route, alert, event);
  metrics.alertTransitions.inc({ transition: transition.name });
}
