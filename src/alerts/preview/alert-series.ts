import type { Database } from '../../database/pool.ts';
import { CodedError } from '../../errors.ts';
import type { Unit } from '../../notifications/notice/notice.ts';
import { DAY, floorTo, HOUR, MINUTE, SECOND } from '../../time.ts';
import type { NewNormal } from '../decision/new-normal.ts';
import { judge } from '../decision/verdict.ts';
import { type ListedAlert, type ListedTransition, listTransitions } from '../history/alert-history.ts';
import { oldestWaiting } from '../observing/freshness.ts';
import { readWrongPeriods } from '../observing/wrong-periods.ts';
import { keyOfGroup } from '../rules/group.ts';
import { measureOf } from '../rules/measure.ts';
import { readRule } from '../rules/read-rule.ts';
import type { Rule } from '../rules/rule.ts';
import type { Past } from './past.ts';
import { type PastSources, pastOf } from './past-of.ts';
import { QUARTERS_REACH } from './past-of-rollups.ts';
import {
  MOST_MARKS,
  noteOf,
  type SeriesMark,
  type SeriesPoint,
  SeriesPoints,
  stepOfPoints,
} from './series.ts';

/** The values around an alert, as its rule judged them, with what happened. Times are ISO 8601. */
export interface AlertSeries {
  alertId: string;
  group: ListedAlert['group'];
  metric: string;
  unit: Unit;
  /** The ISO 4217 code of a metric in cents; null: it is in no currency. */
  currency: string | null;
  type: Rule['type'];
  threshold: number;
  recoveryThreshold: number | null;
  windowSeconds: number;
  start: string;
  end: string;
  /** Every event that was acknowledged before this time is in the values. */
  asOf: string;
  /** Before this time the values are of whole quarters of an hour. */
  coarseUntil: string | null;
  pointSeconds: number;
  points: SeriesPoint[];
  marks: (SeriesMark & { actorId: string | null })[];
  note: string | null;
}

/** The time around an alert that a chart shows: so many windows before it and after it, within these bounds. */
const WINDOWS_AROUND = 12;
const LEAST_AROUND = HOUR;
const MOST_AROUND = DAY;

/** @throws {CodedError} `unavailable` if the alert is over PromQL and Prometheus gives no answer */
export async function seriesOfAlert(
  sources: PastSources,
  alert: ListedAlert,
  now: number,
): Promise<AlertSeries> {
  const { pool } = sources;
  const rule = await ruleOfAlert(pool, alert);
  const ruleOrg = alert.allOrgs ? null : alert.orgId;
  const around = clamp(WINDOWS_AROUND * rule.windowSeconds * SECOND, LEAST_AROUND, MOST_AROUND);
  const ended = alert.resolvedAt === null ? now : Date.parse(alert.resolvedAt) + around;
  // The minute under way too: an alert above its threshold fires on it.
  const until = floorTo(MINUTE, Math.min(now, ended)) + MINUTE;
  const start = Math.max(Date.parse(alert.pendingAt) - around, now - QUARTERS_REACH);
  const marks = (await listTransitions(pool, alert.id)).map(markOf);
  const found =
    start < until ? await valuesOf(sources, rule, { alert, ruleOrg, start, until, now }) : NOT_KEPT;
  const { past, points, isMerged, missing } = found;
  const step = past ? stepOfPoints(past, past.step) : 0;
  const cut = noteOf({
    shown: 1,
    groups: 1,
    step,
    isMerged,
    marksLeftOut: Math.max(0, marks.length - MOST_MARKS),
  });
  return {
    alertId: alert.id,
    group: alert.group,
    metric: rule.metric,
    currency: null,
    ...measureOf(rule, alert.group),
    type: rule.type,
    threshold: rule.threshold,
    recoveryThreshold: rule.recoveryThreshold,
    windowSeconds: alert.windowSeconds,
    start: iso(past?.start ?? start),
    end: iso(past?.end ?? until),
    asOf: iso((await oldestWaiting(pool, ruleOrg)) ?? now),
    coarseUntil: past ? iso(past.coarseUntil) : null,
    pointSeconds: step / SECOND,
    points,
    marks: marks.slice(0, MOST_MARKS),
    note: missing ?? cut,
  };
}

interface Values {
  past: Past | undefined;
  points: SeriesPoint[];
  isMerged: boolean;
  /** Why there are no values, in words; null: there are. */
  missing: string | null;
}

const NOT_KEPT: Values = {
  past: undefined,
  points: [],
  isMerged: false,
  missing: 'The values of that time are no longer kept. The marks have the values that people were told.',
};

interface Stretch {
  alert: ListedAlert;
  ruleOrg: string | null;
  start: number;
  until: number;
  now: number;
}

async function valuesOf(
  sources: PastSources,
  rule: Rule,
  { alert, ruleOrg, start, until, now }: Stretch,
): Promise<Values> {
  const { group, configId } = alert;
  const periods = rule.type === 'anomaly' ? await readWrongPeriods(sources.pool, configId, now) : undefined;
  const only = { group, wrong: periods?.get(keyOfGroup(group)) ?? [] };
  let past: Past;
  try {
    past = await pastOf(sources, rule, { orgId: ruleOrg, now, reach: until - start, until, only });
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== 'invalid_request') throw error;
    return {
      ...NOT_KEPT,
      missing: 'No history of this metric is kept. The marks have the values that people were told.',
    };
  }
  const gathered = new SeriesPoints(rule, stepOfPoints(past, past.step));
  const normal = rule.type === 'anomaly' ? await readNormal(sources.pool, alert) : null;
  for (const { moments, observe } of past.groups) {
    for (const at of moments) {
      const known = normal !== null && at > normal.at ? normal : null;
      gathered.add(at, judge(rule, observe(at, known)));
    }
  }
  return { past, points: gathered.points, isMerged: gathered.isMerged, missing: null };
}

/** The level that is usual for the group since a permanent change. */
async function readNormal(database: Database, { configId, group }: ListedAlert): Promise<NewNormal | null> {
  const { rows } = await database.query<{ normal: NewNormal | null }>(
    `select state -> 'normal' as normal from analytics.alert_states where config_id = $1 and group_key = $2`,
    [configId, keyOfGroup(group)],
  );
  return rows[0]?.normal ?? null;
}

export async function ruleOfAlert(database: Database, { id, allOrgs }: ListedAlert): Promise<Rule> {
  const { rows } = await database.query<{ rule: unknown }>(
    'select rule from analytics.alert_history where id = $1',
    [id],
  );
  const rule = readRule(rows[0]?.rule, { allOrgs, isStored: true });
  if (Array.isArray(rule))
    throw new CodedError('not_found', `The rule of alert ${id} can no longer be read.`);
  return rule;
}

function markOf({ at, transition, reason, notice, value, actorId }: ListedTransition) {
  return { at, transition, reason, notice, value, actorId };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

function iso(millis: number): string {
  return new Date(millis).toISOString();
}
