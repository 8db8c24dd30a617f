import { isLabelName } from '../../events/labels.ts';
import type { Notice, RuleEdit, Severity } from '../../notifications/notice/notice.ts';
import type { Ending } from '../../notifications/notice/reasons.ts';
import type { DatedMeasurement, Fires } from '../decision/alert-state.ts';
import type { Reason } from '../decision/decision-reasons.ts';
import type { Transition } from '../decision/transition.ts';
import { windowSecondsOf } from '../observing/windows.ts';
import type { ConfiguredRule } from '../rules/configured-rule.ts';
import type { Group } from '../rules/group.ts';
import { labelFiltersOf } from '../rules/labels-of-rule.ts';
import { measureOf } from '../rules/measure.ts';
import { ORG_GROUP, type Rule } from '../rules/rule.ts';

/** An alert of the history, with the rule that its notices describe. */
export interface Alert extends ConfiguredRule {
  id: string;
  group: Group;
  severity: Severity;
  /** Milliseconds. */
  startedAt: number;
}

/** One event in the life of an alert. */
export interface AlertEvent {
  /** Milliseconds. */
  at: number;
  transition: Transition;
  reason: Reason | Ending;
  /** The reason that the notice gives: that of the verdict, or what ended the alert. */
  noticeReason: Notice['reason'];
  /** The measurement that the notice reports. */
  reported: DatedMeasurement;
  /** The firings of a flapping alert. */
  flapping?: Fires | null;
  /** Since when the value has been the new normal, if that ended the alert; milliseconds. */
  newNormalSince?: number;
  /** The step of the escalation that is told; its time is milliseconds. */
  step?: { number: number; of: number; unacknowledgedSince: number };
  /** The change of the rule that ended the alert. */
  edit?: RuleEdit;
  actorId?: string;
  note?: string;
  /** The silence that was in force: its name, or its reason. */
  silence?: string;
}

/** The org that an alert is about: that of its config, or of its group. Routing goes by the org of the config alone. */
export function orgOfAlert({ orgId }: ConfiguredRule, group: Group): string | null {
  return orgId ?? group[ORG_GROUP] ?? null;
}

/** The notice of an event. */
export function noticeOf(alert: Alert, event: AlertEvent, kind: Notice['kind']): Notice {
  const { rule, group } = alert;
  const { reported } = event;
  return {
    kind,
    alertId: alert.id,
    configId: alert.configId,
    orgId: orgOfAlert(alert, group),
    severity: alert.severity,
    reason: event.noticeReason,
    actorId: event.actorId ?? null,
    note: event.note ?? null,
    name: rule.name,
    metric: rule.metric,
    ...measureOf(rule, group),
    type: rule.type,
    threshold: rule.threshold,
    recoveryThreshold: rule.recoveryThreshold,
    group: { ...labelFiltersOf(rule), ...group },
    ...explanationOf(rule),
    value: reported.value,
    measuredAt: iso(reported.at),
    baseline: reported.reference,
    windowSeconds: windowSecondsOf(rule),
    sampleCount: reported.samples,
    ...(event.flapping && { flapping: { times: event.flapping.times, since: iso(event.flapping.since) } }),
    ...(event.newNormalSince !== undefined && { newNormalSince: iso(event.newNormalSince) }),
    ...(event.step && {
      step: { ...event.step, unacknowledgedSince: iso(event.step.unacknowledgedSince) },
    }),
    ...(event.edit && { edit: event.edit }),
    startedAt: iso(alert.startedAt),
    at: iso(event.at),
  };
}

/** What the rule says about itself. A stored rule of an earlier version lacks the newest fields. */
function explanationOf({
  description,
  runbookUrl,
  filters,
  expression,
}: Rule): Pick<Notice, 'description' | 'runbookUrl' | 'filters' | 'expression'> {
  const others = Object.entries(filters ?? {}).filter(([name]) => !isLabelName(name));
  return {
    ...(description && { description }),
    ...(runbookUrl && { runbookUrl }),
    ...(others.length > 0 && { filters: Object.fromEntries(others) }),
    ...(expression && { expression }),
  };
}

function iso(millis: number): string {
  return new Date(millis).toISOString();
}
