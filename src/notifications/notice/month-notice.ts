import { randomUUID } from 'node:crypto';
import type { MonthFacts } from './month-facts.ts';
import type { MonthNoticeKind, Notice } from './notice.ts';

/** A notice that a month is closed and its files are written, or that this keeps failing. */
export function monthNotice(
  kind: MonthNoticeKind,
  { orgId, month, at }: { orgId: string; month: MonthFacts; at: Date },
): Notice {
  const moment = at.toISOString();
  return {
    ...{ kind, orgId, month, reason: kind, severity: kind === 'month_failed' ? 'warning' : 'info' },
    // Each notice is a thread of its own.
    ...{ alertId: randomUUID(), configId: randomUUID(), actorId: null, note: null },
    ...{
      name: `Month ${month.period} of ${month.dataset}`,
      metric: 'export_schedule',
      unit: 'any',
      group: {},
    },
    ...{ type: 'threshold_above', threshold: 0, recoveryThreshold: null, value: null, baseline: null },
    ...{ windowSeconds: 0, sampleCount: null, measuredAt: moment, startedAt: moment, at: moment },
  };
}

/** The content of the notice in one sentence. */
export function monthStatement({ revision, rows, corrections, failures, failure }: MonthFacts): string {
  if (failure !== null) return `it has failed ${failures} times in a row and is tried again: ${failure}`;
  return `revision ${revision} has ${rows} rows, of which ${corrections} correct earlier months, and its files are written`;
}

/** The evidence of the notice, as labels and values. */
export function factsOfMonth(month: MonthFacts): [label: string, value: string][] {
  const { schedule, dataset, period, revision, jobId, failure } = month;
  const known = (label: string, value: string | number | null): [string, string][] =>
    value === null ? [] : [[label, String(value)]];
  return [
    ['Schedule', schedule],
    ['Dataset', dataset],
    ['Month', period],
    ...known('Revision', revision),
    ...known('Rows', month.rows),
    ...known('Corrections', month.corrections),
    ...known('Export', jobId),
    ...known('Failure', failure),
  ];
}
