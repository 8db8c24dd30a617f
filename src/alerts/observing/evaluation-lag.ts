import type { Database } from '../../database/pool.ts';
import { SECOND } from '../../time.ts';

/**
 * When the enabled rule that comes first is to be evaluated, or was; milliseconds, null where there is none.
 * @param options whether the rules that watch the service itself count
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

/** How long the rule that comes first has been due, in seconds; 0 before it is. */
export function evaluationLag(due: number | null, now: number): number {
  return Math.max(0, (now - (due ?? now)) / SECOND);
}
