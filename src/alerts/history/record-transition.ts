import type { PoolClient } from 'pg';
import type { Notice, NoticeKind, Severity } from '../../notifications/notice/notice.ts';
import { enqueue } from '../../notifications/outbox/enqueue.ts';
import type { RouteNotice } from '../../notifications/routing/route-notice.ts';
import type { AlertState, Sighting } from '../decision/alert-state.ts';
import type { Suppression } from '../decision/decide.ts';
import { windowSecondsOf } from '../observing/windows.ts';
import { type Group, keyOfGroup } from '../rules/group.ts';
import { watchableMetrics } from '../rules/metrics.ts';
import { ORG_GROUP, type Rule } from '../rules/rule.ts';

/** What a config is to its alerts. */
export interface AlertSource {
  configId: string;
  /** Null: all orgs together. */
  orgId: string | null;
  rule: Rule;
}

/** What the history keeps of why an alert fired. */
export interface Evidence {
  reason: string;
  /** What was compared with the threshold: the value, a change in percent, a number of deviations. */
  compared: number | null;
  /** What was usual, or the value before. */
  baseline: number | null;
  baselineKind: string | null;
  baselineSamples: number | null;
  windowStart: string | null;
  windowEnd: string | null;
}

/** What happened to an alert, as it is written down. */
export interface Happening {
  /** Milliseconds. */
  at: number;
  transition:
    | 'firing'
    | 'told'
    | 'still_firing'
    | 'escalated'
    | 'acknowledged'
    | 'unacknowledged'
    | 'resolved';
  reason: string;
  /** What the value says, or what ends the alert in its place. */
  finding: Notice['reason'];
  notice: Exclude<NoticeKind, 'test'> | null;
  suppressedBy: Suppression | null;
  /** What is told of. */
  sighting: Sighting;
  actorId?: string;
  note?: string;
}

/** An alert as it is opened. */
export interface Opening {
  group: Group;
  state: AlertState;
  happening: Happening;
  evidence: Evidence;
}

function date(millis: number): Date {
  return new Date(millis);
}

/** Whom an alert is about: the org of its config, or of its group. Who is told goes by the org of its config alone. */
function orgOfAlert(orgId: string | null, group: Group): string | null {
  return orgId ?? group[ORG_GROUP] ?? null;
}

/**
 * Opens an alert in the history.
 * @returns its id
 */
export async function openAlert(
  client: PoolClient,
  { configId, orgId, rule }: AlertSource,
  { group, state, happening, evidence }: Opening,
): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `insert into analytics.alert_history (config_id, org_id, all_orgs, group_key, name, metric, severity, rule,
       pending_at, triggered_at, value, threshold, window_seconds, samples, evidence)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
     returning id`,
    [
      configId,
      orgOfAlert(orgId, group),
      orgId === null,
      keyOfGroup(group),
      rule.name,
      rule.metric,
      rule.severity,
      JSON.stringify(rule),
      date(state.wrongSince ?? happening.at),
      date(happening.at),
      happening.sighting.value,
      rule.threshold,
      windowSecondsOf(rule),
      happening.sighting.samples,
      JSON.stringify(evidence),
    ],
  );
  const id = rows[0]?.id;
  if (id === undefined) throw new Error('an alert was not entered');
  return id;
}

/** Writes down what happened to an alert, and whoever is to be told of it: all in the caller's transaction. */
export async function recordHappening(
  client: PoolClient,
  route: RouteNotice,
  source: AlertSource,
  alert: { id: string; group: Group; severity: Severity; startedAt: number },
  happening: Happening,
): Promise<void> {
  const { rows } = await client.query<{ id: number }>(
    `insert into analytics.alert_transitions
       (alert_id, config_id, at, transition, reason, notice, suppressed_by, value, actor_id, note)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning id`,
    [
      alert.id,
      source.configId,
      date(happening.at),
      happening.transition,
      happening.reason,
      happening.notice,
      happening.suppressedBy,
      happening.sighting.value,
      happening.actorId ?? null,
      happening.note ?? null,
    ],
  );
  const severity = await followWorkflow(client, alert, happening);
  if (happening.notice === null) return;
  const notice = noticeOf(source, { ...alert, severity }, happening, happening.notice);
  const { orgId } = source;
  const recipients = await route(client, {
    kind: notice.kind,
    alertId: alert.id,
    orgId,
    severity,
    channels: source.rule.channels,
  });
  const [transition] = rows;
  if (!transition) throw new Error('the transition was not recorded');
  await enqueue(client, { notice, transitionId: transition.id, orgId, recipients, at: date(happening.at) });
}

/**
 * Keeps the alert's own row in step with what happened.
 * @returns how bad it is told to be: that it is over, as bad as it was known to be, whatever the rule says by now
 */
async function followWorkflow(
  client: PoolClient,
  { id, severity }: { id: string; severity: Severity },
  { transition, at, actorId, note }: Happening,
): Promise<Severity> {
  switch (transition) {
    case 'resolved': {
      const { rows } = await client.query<{ severity: Severity }>(
        `update analytics.alert_history
         set workflow = 'resolved', resolved_at = $2, resolved_by = $3, note = coalesce($4, note) where id = $1
         returning severity`,
        [id, date(at), actorId ?? null, note ?? null],
      );
      return rows[0]?.severity ?? severity;
    }
    case 'acknowledged':
      await client.query(
        `update analytics.alert_history set workflow = 'acknowledged', acknowledged_at = $2, acknowledged_by = $3,
           note = coalesce($4, note) where id = $1`,
        [id, date(at), actorId ?? null, note ?? null],
      );
      break;
    case 'unacknowledged':
    case 'escalated':
      await client.query(
        `update analytics.alert_history set workflow = 'open', acknowledged_at = null, acknowledged_by = null,
           severity = $2 where id = $1`,
        [id, severity],
      );
      break;
  }
  return severity;
}

function noticeOf(
  { configId, orgId, rule }: AlertSource,
  { id, group, severity, startedAt }: { id: string; group: Group; severity: Severity; startedAt: number },
  { at, finding, sighting, actorId, note }: Happening,
  kind: Notice['kind'],
): Notice {
  return {
    kind,
    alertId: id,
    configId,
    orgId: orgOfAlert(orgId, group),
    severity,
    reason: finding,
    actorId: actorId ?? null,
    note: note ?? null,
    name: rule.name,
    metric: rule.metric,
    unit: watchableMetrics.get(rule.metric)?.unit ?? 'any',
    type: rule.type,
    threshold: rule.threshold,
    recoveryThreshold: rule.recoveryThreshold,
    group,
    value: sighting.value,
    measuredAt: date(sighting.at).toISOString(),
    baseline: sighting.reference,
    windowSeconds: windowSecondsOf(rule),
    sampleCount: sighting.samples,
    startedAt: date(startedAt).toISOString(),
    at: date(at).toISOString(),
  };
}
