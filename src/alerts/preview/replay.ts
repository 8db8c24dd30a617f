import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { NoticeKind } from '../../notifications/notice/notice.ts';
import { SECOND } from '../../time.ts';
import { initialState } from '../decision/alert-state.ts';
import { type Decision, decide } from '../decision/decide.ts';
import type { Measurement } from '../decision/observation.ts';
import type { Group } from '../rules/group.ts';
import type { Rule } from '../rules/rule.ts';
import type { Past, PastGroup } from './past.ts';
import { chosenSeries, type PreviewedSeries, ReplayedSeries, stepOfPoints } from './series.ts';

/** An alert that the rule would have had. Times are ISO 8601. */
export interface PreviewedAlert {
  group: Group;
  pendingAt: string;
  triggeredAt: string;
  /** Null: the alert would still fire. */
  resolvedAt: string | null;
  value: number | null;
  samples: number;
  baseline: number | null;
  reason: string;
  /** When the last events of its window were in the numbers, if that was after it fired here; null: at once. */
  knownAt: string | null;
  /** How many events arrived together with such late ones. */
  lateEvents: number;
  /** What a live evaluation knew of the window when it fired here, if some of its events were late; null: all that is known now. */
  knownThen: Measurement | null;
  /** The notices that people would have got. */
  notices: { kind: NoticeKind; at: string; value: number | null }[];
}

/** What a rule would have done over a stretch of the past. */
export interface Preview {
  start: string;
  end: string;
  /** Null: there is no data. */
  dataFrom: string | null;
  coarseUntil: string;
  stepSeconds: number;
  groups: number;
  groupsLeftOut: number;
  evaluations: number;
  /** How many evaluations had each reason. */
  reasons: Record<string, number>;
  alerts: PreviewedAlert[];
  /** How many notices there would have been, by kind. */
  notices: Record<string, number>;
  /** The values, for charts. */
  series: PreviewedSeries[];
  /** The time of one point of the series. */
  pointSeconds: number;
  /** What the series do not show; null: they show everything. */
  seriesNote: string | null;
}

const MOST_ALERTS = 1_000;
/** Evaluations in a row before other requests get their turn. */
const IN_A_ROW = 200;

function iso(millis: number): string {
  return new Date(millis).toISOString();
}

/** Replays a rule on its past, with the function that decides live. */
export async function replay(rule: Rule, past: Past): Promise<Preview> {
  const pointStep = stepOfPoints(past, past.step);
  const preview: Replayed = {
    start: iso(past.start),
    end: iso(past.end),
    dataFrom: past.dataFrom === null ? null : iso(past.dataFrom),
    coarseUntil: iso(past.coarseUntil),
    stepSeconds: past.step / SECOND,
    groups: past.groups.length,
    groupsLeftOut: past.groupsLeftOut,
    evaluations: 0,
    reasons: {},
    alerts: [],
    notices: {},
  };
  const all: ReplayedSeries[] = [];
  for (const group of past.groups) {
    const series = new ReplayedSeries(rule, group.group, pointStep);
    await replayGroup({ preview, series }, rule, group, past.start);
    all.push(series);
  }
  preview.alerts.sort((a, b) => (a.triggeredAt < b.triggeredAt ? -1 : 1));
  return { ...preview, ...chosenSeries(all, past.groups.length + past.groupsLeftOut, pointStep) };
}

/** A preview without its series. */
type Replayed = Omit<Preview, 'series' | 'pointSeconds' | 'seriesNote'>;

/** Evaluates one group from the start until now, and adds what happens to the preview. */
async function replayGroup(
  { preview, series }: { preview: Replayed; series: ReplayedSeries },
  rule: Rule,
  { group, moments, observe, leaveOut }: PastGroup,
  start: number,
): Promise<void> {
  let state = initialState(start);
  let alert: PreviewedAlert | undefined;
  for (const at of moments) {
    if (++preview.evaluations % IN_A_ROW === 0) await yieldToOthers();
    const decision = decide(rule, observe(at, state.normal), state, { now: at });
    state = decision.state;
    if (state.condition !== 'normal') leaveOut?.(at);
    preview.reasons[decision.reason] = (preview.reasons[decision.reason] ?? 0) + 1;
    series.add(at, decision);
    alert = addToPreview(preview, { group, alert, decision, at });
  }
}

interface ReplayedDecision {
  group: Group;
  /** The alert that is open before the decision. */
  alert: PreviewedAlert | undefined;
  decision: Decision;
  at: number;
}

/** @returns the alert that is open after the decision */
function addToPreview(
  preview: Replayed,
  { group, alert: open, decision, at: now }: ReplayedDecision,
): PreviewedAlert | undefined {
  const { transition, state, reason, verdict, reported } = decision;
  if (!transition) return open;
  const at = iso(now);
  let alert = open;
  if (transition.name === 'firing') {
    alert = {
      group,
      pendingAt: iso(state.wrongSince ?? now),
      triggeredAt: at,
      resolvedAt: null,
      value: verdict.measured.value,
      samples: verdict.measured.samples,
      baseline: verdict.reference,
      reason: verdict.reason ?? reason,
      knownAt: null,
      lateEvents: 0,
      knownThen: null,
      notices: [],
    };
    if (preview.alerts.length < MOST_ALERTS) preview.alerts.push(alert);
  }
  if (transition.notice) {
    preview.notices[transition.notice] = (preview.notices[transition.notice] ?? 0) + 1;
    alert?.notices.push({ kind: transition.notice, at, value: reported.value });
  }
  if (transition.name !== 'resolved') return alert;
  if (alert) alert.resolvedAt = at;
  return undefined;
}
