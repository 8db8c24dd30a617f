import type { Queryable } from '../../database/pool.ts';
import { bucketEnd, bucketStart } from '../../rollups/grains.ts';
import { rollupRowsSql } from '../../rollups/rows/rollup-rows.ts';
import { OTHER } from '../../series/coarse-series.ts';
import { filterSql, wantedRows } from '../reading/query-rollups.ts';
import { planWindows } from '../reading/read-plan.ts';
import type { TimeRange } from '../reading/time-buckets.ts';
import { queryWithWaitingWork } from '../reading/waiting-work.ts';
import { type EventFilter, eventConditions, seriesFiltersOf, typesOf } from './event-filter.ts';
import { stretchBefore } from './find-events.ts';

/**
 * The exact number of rolled-up events that match, however many. Rollups count the whole buckets of the range. Raw events
 * count what it has of the buckets at its ends.
 */
export async function countEvents(database: Queryable, filter: EventFilter, now: number): Promise<number> {
  const { range } = filter;
  const atStart = stretchBefore(range.start + 1, 0, now).grain;
  const atEnd = stretchBefore(range.end, 0, now).grain;
  const whole = {
    start: bucketEnd(atStart, range.start),
    end: bucketStart(atEnd, range.end),
  };
  if (whole.start >= whole.end || !(await isKnownToRollups(database, filter)))
    return countRaw(database, filter, range);
  const parts = await Promise.all([
    countRaw(database, filter, { start: range.start, end: whole.start }),
    countRolledUp(database, filter, whole),
    countRaw(database, filter, { start: whole.end, end: range.end }),
  ]);
  return parts.reduce((sum, part) => sum + part, 0);
}

/** Whether rollups know all that the filter asks for, and count no client that it may mean together with others. */
async function isKnownToRollups(database: Queryable, filter: EventFilter): Promise<boolean> {
  const { orgId, clientId, correlationId, metadata, labels } = filter;
  if (correlationId !== undefined || metadata !== undefined || labels !== undefined) return false;
  if (clientId === undefined) return true;
  const { rows } = await database.query<{ merges: boolean }>(
    `select exists (select 1 from analytics.series where org_id = $1 and client_id = '${OTHER}') as merges`,
    [orgId],
  );
  return rows[0]?.merges === false;
}

async function countRaw(database: Queryable, filter: EventFilter, range: TimeRange): Promise<number> {
  if (range.start >= range.end) return 0;
  const values: unknown[] = [];
  const conditions = eventConditions({ ...filter, range }, (value) => `$${values.push(value)}`);
  const { rows } = await database.query<{ events: number }>(
    `select count(*) as events from analytics.events e where ${conditions.join(' and ')}`,
    values,
  );
  return rows[0]?.events ?? 0;
}

async function countRolledUp(database: Queryable, filter: EventFilter, range: TimeRange): Promise<number> {
  const { orgId } = filter;
  const { rows } = await queryWithWaitingWork(database, orgId, (waitingFor) => {
    const values: unknown[] = [orgId, typesOf(filter)];
    const parameter = (value: unknown) => `$${values.push(value)}`;
    const waiting = waitingFor(parameter);
    const matches = filterSql(seriesFiltersOf(filter), parameter);
    const wanted = wantedRows(planWindows([range]), parameter, 'one');
    const always = 'r.org_id = $1 and r.type = any($2::text[])';
    const series = `join analytics.series s on s.org_id = $1 and s.series_id = r.series_id and ${matches.join(' and ')}`;
    return database.query<{ events: number | null }>(
      `select sum(r.count)::bigint as events
       from (${rollupRowsSql(wanted, ['series_id', 'count'], always, waiting.folds)}) as r ${matches.length > 0 ? series : ''}`,
      values,
    );
  });
  return rows[0]?.events ?? 0;
}
