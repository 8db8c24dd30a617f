import type { Queryable } from '../../database/pool.ts';
import { usage } from '../../events/types/usage.ts';
import { type ComparisonMetadata, comparisonOf, isoRange } from '../reading/admin-query.ts';
import { counterpartsOf } from '../reading/aligned-buckets.ts';
import { alternativesOf, type LabelFilters, labelFilters } from '../reading/alternatives.ts';
import type { Comparison } from '../reading/comparison.ts';
import { inKeptZone } from '../reading/kept-zone.ts';
import { type ComparedRows, queryCompared, type RollupSelection } from '../reading/query-compared.ts';
import type { SeriesFilters } from '../reading/query-rollups.ts';
import type { SeriesColumn } from '../reading/series-columns.ts';
import { type Bucketing, type ShownBucketing, shownAs, type TimeRange } from '../reading/time-buckets.ts';
import { type GroupBy, groupColumns } from './dimensions.ts';
import type { EarlierSeries } from './grouped-series.ts';

/** A query of the usage events of an org over time. */
export interface SeriesQuery {
  orgId: string;
  range: TimeRange;
  granularity: Bucketing;
  timezone: string;
  /** The models to select, separated by commas; all of them if undefined. So are the clients and the others. */
  modelId: string | undefined;
  clientId?: string | undefined;
  provider?: string | undefined;
  serviceTier?: string | undefined;
  status?: string | undefined;
  errorCode?: string | undefined;
  /** The values of labels to select, by their names. */
  labels?: LabelFilters;
  groupBy: GroupBy | undefined;
  /** The most groups to show one by one; `undefined`: as many as an answer may have. */
  top?: number | undefined;
  compare?: Comparison | undefined;
  /** Milliseconds since the epoch. */
  now: number;
  /** Why the answer is in UTC, if it is not in the zone that was asked for. */
  zoneNote?: string;
}

/** The part that every answer to such a query has. */
export interface SeriesMetadata extends ComparisonMetadata {
  orgId: string;
  granularity: ShownBucketing;
  timezone: string;
  /** Why it is not in the zone of the query. */
  note?: string;
  /** The range that the numbers cover: the requested one, widened to the finest rollups kept for its ends. */
  start: string;
  end: string;
}

/** Numbers of the whole range, with those of the range compared with; null where there is no comparison. */
export type ComparedTotals<Numbers> = Numbers & { previous?: Numbers | null };

/** The rows of a question, as they are read. */
export interface SeriesRows<Row> extends ComparedRows<Row> {
  /** The question in the zone that it is answered in. */
  query: SeriesQuery;
  /** The earlier range, as `seriesOver` takes it; `undefined` without a comparison. */
  earlier: EarlierSeries<Row & { bucket: number }> | undefined;
}

/**
 * Reads the rollups of model calls for a question.
 * @param wanted the columns to read, and those to group by besides the groups of the question
 * @throws {CodedError} as `queryCompared`
 */
export async function querySeries<Row>(
  database: Queryable,
  asked: SeriesQuery,
  wanted: Omit<RollupSelection, 'type' | 'filters'>,
): Promise<SeriesRows<Row>> {
  const query = inKeptZone(asked, [asked.granularity]);
  const groups = groupColumns(query.groupBy);
  const selection: RollupSelection = {
    ...{ ...wanted, type: usage.type, filters: seriesFiltersOf(query) },
    groupBy: [...new Set<SeriesColumn>([...wanted.groupBy, ...groups])],
  };
  const found = await queryCompared<Row>(database, { ...query, compare: query.compare }, selection, {
    bucketings: [query.granularity],
    counted: groups,
  });
  const { planBefore, rowsBefore } = found;
  const earlier = query.compare && {
    plan: planBefore ?? { boundaries: [] },
    rows: rowsBefore ?? [],
    counterparts: counterpartsOf(query, found),
  };
  return { ...found, query, earlier };
}

export function seriesMetadataOf<Row>(rows: SeriesRows<Row>): SeriesMetadata {
  const { orgId, granularity, timezone, zoneNote, compare } = rows.query;
  return {
    orgId,
    granularity: shownAs(granularity),
    timezone,
    ...(zoneNote !== undefined && { note: zoneNote }),
    ...isoRange(rows.plan.covered),
    ...comparisonOf(compare, rows),
  };
}

/** The filters on the series that the query selects. */
function seriesFiltersOf(query: SeriesQuery): SeriesFilters {
  const { modelId, clientId, provider, serviceTier, status, errorCode, labels } = query;
  const named = {
    ...{ model_id: modelId, client_id: clientId, status, error_code: errorCode },
    ...{ provider: provider?.toLowerCase(), service_tier: serviceTier?.toLowerCase() },
  };
  return {
    ...labelFilters(labels),
    ...Object.fromEntries(
      Object.entries(named).flatMap(([column, filter]) =>
        filter === undefined ? [] : [[column, alternativesOf(filter)]],
      ),
    ),
  };
}
