import type { Pool } from 'pg';
import { COST_UNITS_PER_CENT } from '../../events/field.ts';
import type { Freshness } from '../reading/freshness.ts';
import { inKeptZone } from '../reading/kept-zone.ts';
import { queryRollups } from '../reading/query-rollups.ts';
import { planRead } from '../reading/read-plan.ts';
import { groupColumns, type Point, seriesOver } from './grouped-series.ts';
import { refuseManyGroups } from './refuse-many-groups.ts';
import { type SeriesMetadata, type SeriesQuery, seriesFiltersOf, seriesMetadataOf } from './series-query.ts';

export interface UsageNumbers {
  invocations: number;
  inputTokens: number;
  outputTokens: number;
  cachedInputTokens: number;
  /** Cents, with up to four decimals. */
  costEstimateCents: number;
}

interface UsageRow {
  invocations: number;
  input_tokens: number;
  output_tokens: number;
  cached_input_tokens: number;
  cost: number;
}

export interface UsageAnswer extends SeriesMetadata {
  series: Point<UsageNumbers>[];
  totals: UsageNumbers;
  /** The groups in the points with `rest`. */
  restGroups: number;
  freshness: Freshness;
}

const NOTHING: UsageRow = {
  invocations: 0,
  input_tokens: 0,
  output_tokens: 0,
  cached_input_tokens: 0,
  cost: 0,
};

// As numbers of JSON: exact up to 2^53 (900 billion cents of cost), and the nearest number beyond.
const SUMS = `sum(r.count)::float8 as invocations,
  coalesce(sum(r.input_tokens), 0)::float8 as input_tokens,
  coalesce(sum(r.output_tokens), 0)::float8 as output_tokens,
  coalesce(sum(r.cached_input_tokens), 0)::float8 as cached_input_tokens,
  coalesce(sum(r.cost), 0)::float8 as cost`;

/** Invocations, tokens and cost, bucket by bucket. */
export async function answerUsage(pool: Pool, asked: SeriesQuery): Promise<UsageAnswer> {
  const query = inKeptZone(asked, [asked.granularity]);
  const { orgId, groupBy } = query;
  const plan = planRead(query, query.granularity);
  await refuseManyGroups(pool, query, 'usage', plan);
  const { rows, freshness } = await queryRollups<UsageRow>(pool, {
    orgId,
    type: 'usage',
    plan,
    filters: seriesFiltersOf(query),
    groupBy: groupColumns(groupBy),
    columns: ['count', 'input_tokens', 'output_tokens', 'cached_input_tokens', 'cost'],
    select: SUMS,
  });
  const shape = { plan, range: query.range, groupBy, top: query.top, now: query.now };
  const { points, restGroups } = seriesOver(
    { ...shape, eventsOf: ({ invocations }: UsageRow) => invocations },
    rows,
    (some) => numbersOf(some.reduce(add, NOTHING)),
  );
  return {
    ...seriesMetadataOf(query, plan),
    series: points,
    restGroups,
    totals: numbersOf(rows.reduce(add, NOTHING)),
    freshness,
  };
}

function add(a: UsageRow, b: UsageRow): UsageRow {
  return {
    invocations: a.invocations + b.invocations,
    input_tokens: a.input_tokens + b.input_tokens,
    output_tokens: a.output_tokens + b.output_tokens,
    cached_input_tokens: a.cached_input_tokens + b.cached_input_tokens,
    cost: a.cost + b.cost,
  };
}

function numbersOf(row: UsageRow): UsageNumbers {
  return {
    invocations: row.invocations,
    inputTokens: row.input_tokens,
    outputTokens: row.output_tokens,
    cachedInputTokens: row.cached_input_tokens,
    costEstimateCents: row.cost / COST_UNITS_PER_CENT,
  };
}
