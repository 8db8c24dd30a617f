import type { Database } from '../../database/pool.ts';
import { SECOND } from '../../time.ts';

/**
 * A moment after which the due time of a rule is one that an evaluation can have set, in SQL. A rule is due an interval
 * after its evaluation, or ten minutes after failures. The clocks of workers may differ by a minute.
 */
export const DUE_TOO_LATE = `(next_evaluation_at - interval '1 min'
  - make_interval(secs => case when failures = 0 then interval_seconds else greatest(interval_seconds, 600) end))`;

/**
 * When the enabled rule that is due first is due; milliseconds. Null: there is no enabled rule. A rule whose due time comes
 * from a clock that was ahead is not evaluated for as long as it was ahead, and counts as due for so long.
 * @param options `builtIn`: whether the rules that watch the service itself count; `now`: milliseconds
 */
export async function earliestDue(
  database: Database,
  { builtIn, now }: { builtIn: boolean; now: number },
): Promise<number | null> {
  const { rows } = await database.query<{ due: Date | null }>(
    `select min(case when ${DUE_TOO_LATE} > $2 then $2 - (${DUE_TOO_LATE} - $2) else next_evaluation_at end) as due
     from analytics.alert_configs where enabled and ($1 or built_in is null)`,
    [builtIn, new Date(now)],
  );
  return rows[0]?.due?.getTime() ?? null;
}

/** How long the rule that is due first has been due, in seconds; 0: it is not due yet. */
export function evaluationLag(due: number | null, now: number): number {
  return Math.max(0, (now - (due ?? now)) / SECOND);
}
