import type { Database } from '../../database/pool.ts';
import type { TimeRange } from '../../queries/reading/time-buckets.ts';
import { DAY } from '../../time.ts';

/** A baseline looks no further back. */
const BASELINE_REACH = 90 * DAY;

/** When each group of a config was wrong, by the key of the group: these values are no part of the usual value. */
export async function readWrongPeriods(
  database: Database,
  configId: string,
  now: number,
): Promise<ReadonlyMap<string, readonly TimeRange[]>> {
  const { rows } = await database.query<{ group_key: string; pending_at: Date; resolved_at: Date | null }>(
    `select group_key, pending_at, resolved_at from analytics.alert_history
     where config_id = $1 and coalesce(resolved_at, 'infinity') > $2`,
    [configId, new Date(now - BASELINE_REACH)],
  );
  const periods = new Map<string, TimeRange[]>();
  for (const { group_key, pending_at, resolved_at } of rows) {
    const period = { start: pending_at.getTime(), end: resolved_at?.getTime() ?? Number.POSITIVE_INFINITY };
    periods.set(group_key, [...(periods.get(group_key) ?? []), period]);
  }
  return periods;
}
