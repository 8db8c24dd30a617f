import type { Queryable } from '../../database/pool.ts';
import { ALL_ORGS } from '../../events/all-orgs.ts';
import { type Severity, severities } from '../../notifications/notice/notice.ts';
import { type AdminQuery, isoRange } from '../../queries/reading/admin-query.ts';
import { type Group, groupOfKey } from '../rules/group.ts';

/** An open alert, as the overview shows it. */
export interface OpenAlert {
  id: string;
  name: string;
  metric: string;
  severity: Severity;
  /** `null`: all orgs together. */
  orgId: string | null;
  group: Group;
  workflow: 'open' | 'acknowledged';
  triggeredAt: string;
  value: number | null;
  threshold: number;
}

/** The alerts of an org that are open now, and what happened in a range. */
export interface AlertsOverview {
  orgId: string | null;
  start: string;
  end: string;
  timezone: string;
  asOf: string;
  active: {
    total: number;
    acknowledged: number;
    bySeverity: Record<Severity, number>;
    /** The most severe first, then the newest; 20 at most. */
    alerts: OpenAlert[];
  };
  /** In the range. */
  triggered: number;
  resolved: number;
  rules: { enabled: number; disabled: number; failing: number };
}

const MOST_ALERTS = 20;

interface OpenRow {
  id: string;
  name: string;
  metric: string;
  severity: Severity;
  org_id: string | null;
  group_key: string;
  workflow: OpenAlert['workflow'];
  triggered_at: Date;
  value: number | null;
  threshold: number;
}

function openAlertOf({ org_id, group_key, triggered_at, ...alert }: OpenRow): OpenAlert {
  return {
    ...alert,
    orgId: org_id,
    group: groupOfKey(group_key),
    triggeredAt: triggered_at.toISOString(),
  };
}

interface CountRow extends Record<Severity, number> {
  total: number;
  acknowledged: number;
  triggered: number;
  resolved: number;
  rules: AlertsOverview['rules'];
}

/** Answers for one org, or for all orgs with the rules over all of them. */
export async function answerAlertsOverview(
  database: Queryable,
  question: AdminQuery,
): Promise<AlertsOverview> {
  const { orgId, range, timezone, now } = question;
  const org = orgId === ALL_ORGS ? null : orgId;
  const ofOrg = `($1::text is null or (org_id = $1 and not all_orgs))`;
  const [open, counted] = await Promise.all([
    database.query<OpenRow>(
      `select id, name, metric, severity, org_id, group_key, workflow, triggered_at, value, threshold
       from analytics.alert_history
       where resolved_at is null and ${ofOrg}
       order by array_position($2::text[], severity) desc, triggered_at desc, id desc limit ${MOST_ALERTS}`,
      [org, severities],
    ),
    // One statement: with fifty dashboards at a time, planning four of them took longer than the counting.
    database.query<CountRow>(
      `select active.*, past.*, to_json(rules) as rules
       from (
         select count(*) as total, count(*) filter (where workflow = 'acknowledged') as acknowledged,
           ${severities.map((name) => `count(*) filter (where severity = '${name}') as ${name}`).join(', ')}
         from analytics.alert_history where resolved_at is null and ${ofOrg}
       ) as active, (
         select count(*) filter (where triggered_at >= $2 and triggered_at < $3) as triggered,
           count(*) filter (where resolved_at >= $2 and resolved_at < $3) as resolved
         from analytics.alert_history
         where (triggered_at < $3 and (resolved_at is null or resolved_at >= $2)) and ${ofOrg}
       ) as past, (
         select count(*) filter (where enabled) as enabled, count(*) filter (where not enabled) as disabled,
           count(*) filter (where enabled and failures > 0) as failing
         from analytics.alert_configs where $1::text is null or org_id = $1
       ) as rules`,
      [org, new Date(range.start), new Date(range.end)],
    ),
  ]);
  const [counts] = counted.rows;
  if (!counts) throw new Error('an aggregate has no row');
  const { total, acknowledged, triggered, resolved, rules } = counts;
  return {
    orgId: org,
    ...isoRange(range),
    timezone,
    asOf: new Date(now).toISOString(),
    active: {
      total,
      acknowledged,
      bySeverity: Object.fromEntries(severities.map((name) => [name, counts[name]])) as Record<
        Severity,
        number
      >,
      alerts: open.rows.map(openAlertOf),
    },
    triggered,
    resolved,
    rules,
  };
}
