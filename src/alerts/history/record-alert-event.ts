import type { PoolClient } from 'pg';
import type { Severity } from '../../notifications/notice/notice.ts';
import { enqueue } from '../../notifications/outbox/enqueue.ts';
import type { RouteNotice } from '../../notifications/routing/route-notice.ts';
import { windowSecondsOf } from '../observing/windows.ts';
import type { ConfiguredRule } from '../rules/configured-rule.ts';
import { type Group, keyOfGroup } from '../rules/group.ts';
import { type Alert, type AlertEvent, noticeOf, orgOfAlert } from './alert-event.ts';
import type { Evidence } from './evidence.ts';

function date(millis: number): Date {
  return new Date(millis);
}

/**
 * Adds a new alert to the history.
 * @returns its id
 */
export async function openAlert(
  client: PoolClient,
  configured: ConfiguredRule,
  opened: { group: Group; pendingAt: number; event: AlertEvent; evidence: Evidence },
): Promise<string> {
  const { configId, orgId, rule } = configured;
  const { group, pendingAt, event, evidence } = opened;
  const { rows } = await client.query<{ id: string }>(
    `insert into analytics.alert_history (config_id, org_id, all_orgs, group_key, name, metric, severity, rule,
       pending_at, triggered_at, value, threshold, window_seconds, samples, evidence)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
     returning id`,
    [
      configId,
      orgOfAlert(configured, group),
      orgId === null,
      keyOfGroup(group),
      rule.name,
      rule.metric,
      rule.severity,
      JSON.stringify(rule),
      date(pendingAt),
      date(event.at),
      event.reported.value,
      rule.threshold,
      windowSecondsOf(rule),
      event.reported.samples,
      JSON.stringify(evidence),
    ],
  );
  const id = rows[0]?.id;
  if (id === undefined) throw new Error('the alert was not added to the history');
  return id;
}

/** Records an event of an alert and enqueues its notice, in the transaction of the caller. */
export async function recordAlertEvent(
  client: PoolClient,
  route: RouteNotice,
  alert: Alert,
  event: AlertEvent,
): Promise<void> {
  const { name, notice: kind, suppressedBy } = event.transition;
  const { rows } = await client.query<{ id: number }>(
    `insert into analytics.alert_transitions
       (alert_id, config_id, at, transition, reason, notice, suppressed_by, value, actor_id, note, silence)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning id`,
    [
      alert.id,
      alert.configId,
      date(event.at),
      name,
      event.reason,
      kind,
      suppressedBy,
      event.reported.value,
      event.actorId ?? null,
      event.note ?? null,
      suppressedBy === 'silence' ? (event.silence ?? null) : null,
    ],
  );
  const [transition] = rows;
  if (!transition) throw new Error('the transition was not recorded');
  const severity = await updateAlert(client, alert, event);
  if (kind === null) return;
  const { orgId, rule } = alert;
  const recipients = await route(client, {
    kind,
    alertId: alert.id,
    orgId,
    severity,
    channels: rule.channels,
  });
  const notice = noticeOf({ ...alert, severity }, event, kind);
  await enqueue(client, { notice, transitionId: transition.id, orgId, recipients, at: date(event.at) });
}

/**
 * Updates the row of the alert after an event.
 * @returns the severity that the notice gives. At the end of the alert that is the severity people know, even if the
 *   rule has another by now.
 */
async function updateAlert(
  client: PoolClient,
  { id, severity }: Alert,
  { transition, at, actorId, note }: AlertEvent,
): Promise<Severity> {
  switch (transition.name) {
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
