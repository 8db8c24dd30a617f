import type { Database } from '../../database/pool.ts';
import type { TimeRange } from '../../queries/reading/time-buckets.ts';
import { floorTo, HOUR, MINUTE, SECOND } from '../../time.ts';
import { STEP } from '../decision/baseline.ts';
import type { Evaluation } from './evaluation.ts';

/** Windows that ended longer ago are not looked at again: nobody is helped by an alert about them. */
const LOOK_BACK = HOUR;
/** A batch may be stored for so long before it is rolled up; then the rule fails, and says so. */
const LONGEST_LAG = 15 * MINUTE;
/** An evaluation may have read just before a batch that was committed a moment earlier. */
const MARGIN = 30 * SECOND;

// `ingestion_batches_behind` has these batches alone, and they are few.
const CHANGED = `
  select min(occurred_from) as "from", max(occurred_to) as "to" from analytics.ingestion_batches
  where completed_at - occurred_from > interval '1 min' and completed_at > $1 and rolled_up_at is not null
    and (completed_at > $2 or rolled_up_at > $2)
    and ($3::text is null or $3 = any(org_ids)) and $4 = any(types) and occurred_from < $5`;

/**
 * The windows that have ended, and that have got events since the last evaluation of a rule: no later window has these
 * events. Half-open, milliseconds; the oldest first.
 * @param complete the last complete window
 */
export async function readLateWindows(
  database: Database,
  { rule, metric, orgId, now, evaluatedBefore, catchingUp }: Evaluation,
  complete: TimeRange,
): Promise<TimeRange[]> {
  if (evaluatedBefore === null || catchingUp) return [];
  const { rows } = await database.query<{ from: Date | null; to: Date | null }>(CHANGED, [
    new Date(evaluatedBefore - LONGEST_LAG),
    new Date(evaluatedBefore - MARGIN),
    orgId,
    metric.definition?.type,
    new Date(complete.start),
  ]);
  const [changed] = rows;
  if (!changed?.from || !changed.to) return [];
  const step = rule.type === 'anomaly' ? STEP : MINUTE;
  const length = complete.end - complete.start;
  const first = floorTo(step, Math.max(changed.from.getTime(), now - LOOK_BACK)) + step;
  const last = Math.min(complete.end - step, floorTo(step, changed.to.getTime()) + length);
  const windows: TimeRange[] = [];
  for (let end = first; end <= last; end += step) windows.push({ start: end - length, end });
  return windows;
}

/** Whether no alert of a group has told of a window: of its own alerts people know already. */
export function isUntold({ start, end }: TimeRange, told: readonly TimeRange[]): boolean {
  return !told.some((period) => start < period.end && end > period.start - (end - start));
}
