import type { Database } from '../../database/pool.ts';
import { filterSql } from '../../queries/reading/query-rollups.ts';
import type { TimeRange } from '../../queries/reading/time-buckets.ts';
import { isGauge, lacksValue, lastOfGauge } from '../../rollups/fold/fold-sql.ts';
import { sketchOfEvents } from '../../rollups/rows/sketch-sql.ts';
import type { Measurement } from '../decision/observation.ts';
import { groupQueryOf } from '../observing/read-groups.ts';
import {
  inEverySpelling,
  measure,
  needsOf,
  needsStatus,
  summedColumns,
  type ValueRow,
} from '../observing/rollup-values.ts';
import type { WatchableMetric } from '../rules/metrics.ts';
import type { Rule } from '../rules/rule.ts';

/** A gauge is no sum, so the quantity of events needs a condition. */
const plainSums = summedColumns.filter((column) => column !== 'quantity');

/**
 * The value of a rule over a window, without the events of some batches. It is computed from raw events, which name their
 * batch; rollups do not.
 * @param rule without groups: its filters say which events count
 * @param late the batches that arrived later
 */
export async function readKnownValue(
  database: Database,
  { rule, metric, orgId }: { rule: Rule; metric: WatchableMetric; orgId: string },
  window: TimeRange,
  late: readonly number[],
): Promise<Measurement> {
  const { filters } = groupQueryOf({ ...rule, groupBy: [] }, metric).wanted;
  const { select, ungrouped } = needsOf(metric);
  const values: unknown[] = [
    orgId,
    metric.definition?.type,
    new Date(window.start),
    new Date(window.end),
    late,
  ];
  const conditions = filterSql(
    await inEverySpelling(database, metric, filters),
    (value) => `$${values.push(value)}`,
  );
  const status = needsStatus(metric) ? ['s.status'] : [];
  const { rows } = await database.query<Omit<ValueRow, 'bucket' | 'count'> & { count: number | null }>(
    `with r as (
       select series_id, count(*) as count, sum(value) as value_sum, min(value) as value_min, max(value) as value_max,
         ${plainSums.map((column) => `sum(${column}) as ${column}`).join(', ')},
         sum(quantity) filter (where not ${isGauge}) as quantity,
         nullif(count(*) filter (where ${lacksValue}), 0) as without_value,
         ${lastOfGauge} as last, ${sketchOfEvents} as sketch
       from analytics.events
       where org_id = $1 and type = $2 and occurred_at >= $3 and occurred_at < $4 and batch_id <> all($5::bigint[])
       group by series_id)
     select ${[...status, select].join(', ')}
     from r join analytics.series s on s.series_id = r.series_id
     where ${['s.org_id = $1', 's.type = $2', ...conditions].join(' and ')}
     ${status.length > 0 && !ungrouped ? 'group by s.status' : ''}`,
    values,
  );
  return measure(
    metric,
    rows.flatMap((row) => (row.count === null ? [] : [{ ...row, count: row.count, bucket: 0 }])),
  );
}
