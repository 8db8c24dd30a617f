import type { OrgScope } from '../../auth/caller.ts';
import type { Database } from '../../database/pool.ts';
import { CodedError } from '../../errors.ts';
import type { Severity } from '../../notifications/notice/notice.ts';
import { type Group, groupOfKey } from '../rules/group.ts';
import { measureOf, textsOf } from '../rules/measure.ts';
import type { RuleType } from '../rules/rule.ts';
import type { Evidence } from './evidence.ts';

export const workflows = ['open', 'acknowledged', 'resolved'] as const;
export type AlertWorkflow = (typeof workflows)[number];

/** An alert of the history. Times are ISO 8601. */
export interface ListedAlert {
  id: string;
  configId: string;
  /** The org that it is about; null: all orgs together. */
  orgId: string | null;
  /** Whether its rule is over all orgs. Its notices then go to the people who watch all orgs. */
  allOrgs: boolean;
  name: string;
  metric: string;
  severity: Severity;
  group: Group;
  workflow: AlertWorkflow;
  pendingAt: string;
  triggeredAt: string;
  resolvedAt: string | null;
  /** The person who resolved it; null: its value did. */
  resolvedBy: string | null;
  acknowledgedAt: string | null;
  acknowledgedBy: string | null;
  note: string | null;
  value: number | null;
  threshold: number;
  /** Both for people, with their unit, such as `7.3 %`. */
  valueText: string | null;
  thresholdText: string;
  windowSeconds: number;
  samples: number;
  evidence: Evidence;
}

interface AlertRow {
  id: string;
  config_id: string;
  org_id: string | null;
  all_orgs: boolean;
  name: string;
  metric: string;
  severity: Severity;
  group_key: string;
  workflow: AlertWorkflow;
  pending_at: Date;
  triggered_at: Date;
  resolved_at: Date | null;
  resolved_by: string | null;
  acknowledged_at: Date | null;
  acknowledged_by: string | null;
  note: string | null;
  value: number | null;
  threshold: number;
  window_seconds: number;
  samples: number;
  evidence: Evidence;
  type: RuleType;
  filters: Record<string, string>;
}

const COLUMNS = `h.id, h.config_id, h.org_id, h.all_orgs, h.name, h.metric, h.severity, h.group_key, h.workflow,
  h.pending_at, h.triggered_at, h.resolved_at, h.resolved_by, h.acknowledged_at, h.acknowledged_by, h.note, h.value, h.threshold,
  h.window_seconds, h.samples, h.evidence, h.rule ->> 'type' as type, h.rule -> 'filters' as filters`;

/** Only callers who see all orgs see an alert of a rule over all orgs. */
const VISIBLE = '($1::text[] is null or h.org_id = any($1) and not h.all_orgs)';

function alertOf(row: AlertRow): ListedAlert {
  const group = groupOfKey(row.group_key);
  return {
    id: row.id,
    configId: row.config_id,
    orgId: row.org_id,
    allOrgs: row.all_orgs,
    name: row.name,
    metric: row.metric,
    severity: row.severity,
    group,
    workflow: row.workflow,
    pendingAt: row.pending_at.toISOString(),
    triggeredAt: row.triggered_at.toISOString(),
    resolvedAt: row.resolved_at?.toISOString() ?? null,
    resolvedBy: row.resolved_by,
    acknowledgedAt: row.acknowledged_at?.toISOString() ?? null,
    acknowledgedBy: row.acknowledged_by,
    note: row.note,
    value: row.value,
    threshold: row.threshold,
    ...textsOf(row, measureOf(row, group)),
    windowSeconds: row.window_seconds,
    samples: row.samples,
    evidence: row.evidence,
  };
}

export interface AlertsWanted {
  scope: OrgScope;
  workflows?: readonly AlertWorkflow[];
  severity?: Severity;
  metric?: string;
  configId?: string;
  ids?: readonly string[];
  /** Only alerts that fired from `start` up to and without `end`; milliseconds. */
  start?: number;
  end?: number;
  /** Only alerts after this place in the list. */
  after?: { triggeredAt: string; id: string };
  limit: number;
}

/** Lists alerts, the newest first. */
export async function listAlerts(database: Database, wanted: AlertsWanted): Promise<ListedAlert[]> {
  const { scope, start, end } = wanted;
  const { rows } = await database.query<AlertRow>(
    `select ${COLUMNS} from analytics.alert_history h
     where ${VISIBLE} and ($2::text[] is null or h.workflow = any($2)) and ($3::text is null or h.severity = $3)
       and ($4::text is null or h.metric = $4) and ($5::uuid is null or h.config_id = $5)
       and ($6::timestamptz is null or h.triggered_at >= $6) and ($7::timestamptz is null or h.triggered_at < $7)
       and ($11::uuid[] is null or h.id = any($11))
       and ($9::uuid is null or (h.triggered_at, h.id) < ($8::timestamptz, $9::uuid))
     order by h.triggered_at desc, h.id desc
     limit $10`,
    [
      scope === 'all' ? null : scope,
      wanted.workflows ?? null,
      wanted.severity ?? null,
      wanted.metric ?? null,
      wanted.configId ?? null,
      start === undefined ? null : new Date(start),
      end === undefined ? null : new Date(end),
      wanted.after?.triggeredAt ?? null,
      wanted.after?.id ?? null,
      wanted.limit,
      wanted.ids ?? null,
    ],
  );
  return rows.map(alertOf);
}

/** @throws {CodedError} `not_found`, also for an alert outside the scope */
export async function readAlert(database: Database, id: string, scope: OrgScope): Promise<ListedAlert> {
  const { rows } = await database.query<AlertRow>(
    `select ${COLUMNS} from analytics.alert_history h where ${VISIBLE} and h.id = $2`,
    [scope === 'all' ? null : scope, id],
  );
  if (rows[0]) return alertOf(rows[0]);
  throw new CodedError('not_found', `There is no alert ${id}.`);
}

/** A transition of an alert, as its history shows it. */
export interface ListedTransition {
  id: string;
  at: string;
  transition: string;
  reason: string;
  notice: string | null;
  suppressedBy: string | null;
  /** The silence that suppressed it: its name, or its reason; null: none did, or the rule itself was silenced. */
  silence: string | null;
  value: number | null;
  actorId: string | null;
  note: string | null;
}

interface TransitionRow {
  id: string;
  at: Date;
  transition: string;
  reason: string;
  notice: string | null;
  suppressed_by: string | null;
  silence: string | null;
  value: number | null;
  actor_id: string | null;
  note: string | null;
}

function transitionOf({ at, suppressed_by, actor_id, ...row }: TransitionRow): ListedTransition {
  return { ...row, at: at.toISOString(), suppressedBy: suppressed_by, actorId: actor_id };
}

/** The transitions of an alert, the oldest first. */
export async function listTransitions(database: Database, alertId: string): Promise<ListedTransition[]> {
  const { rows } = await database.query<TransitionRow>(
    `select t.id::text, at, transition, reason, notice, suppressed_by, silence, value, actor_id, note
     from analytics.alert_transitions t where alert_id = $1 order by t.id`,
    [alertId],
  );
  return rows.map(transitionOf);
}
