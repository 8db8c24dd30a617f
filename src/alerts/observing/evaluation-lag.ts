import type { Database } from '../../database/pool.ts';
import { SECOND } from '../../time.ts';

/**
 * When the enabled rule that is due first is due; milliseconds. Null: there is no enabled rule.
 * @param options `builtIn`: whether the rules that watch the service itself count
 */
export async function earliestDue(
  database: Database,
  { builtIn }: { builtIn: boolean },
): Promise<number | null> {
  const { rows } = await database.query<{ due: Date | null }>(
    `select min(next_evaluation_at) as due from analytics.alert_configs
     where enabled and ($1 or built_in is null)`,
    [builtIn],
  );
  return rows[0]?.due?.getTime() ?? null;
}

/** How long the rule that is due first has been due, in seconds; 0: it is not due yet. */
export function evaluationLag(due: number | null, now: number): number {
  return Math.max(0, (now - (due ?? now)) / SECOND);
}
