import type { Database } from '../database/pool.ts';
import { SECOND } from '../time.ts';

/**
 * How long the enabled rule that waits the longest has been due, in seconds; 0 if none is.
 * @param options whether the rules that watch the service itself count
 */
export const evaluationLag = async (
  database: Database,
  now: number,
  { builtIn }: { builtIn: boolean },
): Promise<number> => {
  const { rows } = await database.query<{ due: Date | null }>(
    `select min(next_evaluation_at) as due from analytics.alert_configs
     where enabled and ($1 or built_in is null)`,
    [builtIn],
  );
  return Math.max(0, (now - (rows[0]?.due?.getTime() ?? now)) / SECOND);
};
