import type { Queryable } from '../../database/pool.ts';
import { shortDecimal } from '../../decimal.ts';
import { COST_SCALE, NANODOLLARS_PER_CENT } from '../../events/field.ts';
import type { Freshness } from '../reading/freshness.ts';
import { inMilliseconds } from '../reading/in-milliseconds.ts';
import { type Point, seriesOver } from './grouped-series.ts';
import {
  type ComparedTotals,
  querySeries,
  type SeriesMetadata,
  type SeriesQuery,
  seriesMetadataOf,
} from './series-query.ts';

export interface UsageNumbers {
  invocations: number;
  inputTokens: number;
  outputTokens: number;
  cachedInputTokens: number;
  cacheWriteInputTokens: number;
  reasoningTokens: number;
  /** Cents of the calls whose cost is known, to the nearest number. */
  costEstimateCents: number;
  /** The same in dollars, exact. */
  costUsd: string;
  /** Calls whose cost is not known. */
  unpricedInvocations: number;
  /** Calls whose tokens are not known. */
  withoutUsage: number;
  /** Milliseconds, the mean of the calls that tell it; null without any. */
  timeToFirstTokenMs: number | null;
}

interface UsageRow {
  invocations: number;
  input_tokens: number;
  output_tokens: number;
  cached_input_tokens: number;
  cache_write_tokens: number;
  reasoning_tokens: number;
  /** Nano-dollars, as text, because it may be larger than a number can be exactly. */
  cost: string;
  unpriced: number;
  without_usage: number;
  ttft_sum: number;
  ttft_count: number;
}

export interface UsageAnswer extends SeriesMetadata {
  series: Point<UsageNumbers>[];
  totals: ComparedTotals<UsageNumbers>;
  /** The groups in the points with `rest`. */
  restGroups: number;
  freshness: Freshness;
}

const summed = [
  'input_tokens',
  'output_tokens',
  'cached_input_tokens',
  'cache_write_tokens',
  'reasoning_tokens',
  'without_usage',
  'ttft_sum',
  'ttft_count',
] as const;

// As numbers of JSON: exact up to 2^53, and the nearest number beyond.
const SUMS = `sum(r.count)::float8 as invocations,
  ${[...summed, 'unpriced'].map((column) => `coalesce(sum(r.${column}), 0)::float8 as ${column}`).join(', ')},
  coalesce(sum(r.cost), 0)::text as cost`;

const sizes = {
  invocations: ({ invocations }: UsageRow) => invocations,
  cost: ({ cost }: UsageRow) => Number(cost),
  tokens: ({ input_tokens, output_tokens }: UsageRow) => input_tokens + output_tokens,
};
/** What the groups of an answer may be compared by. */
export const usageSizes = Object.keys(sizes) as (keyof typeof sizes)[];

export interface UsageQuery extends SeriesQuery {
  /** What makes a group large; by default its calls. */
  topBy?: keyof typeof sizes | undefined;
}

/** Invocations, tokens and cost, bucket by bucket. */
export async function answerUsage(database: Queryable, asked: UsageQuery): Promise<UsageAnswer> {
  const found = await querySeries<UsageRow>(database, asked, {
    groupBy: [],
    columns: ['count', 'cost', ...summed],
    // Calls of unknown cost have series of their own, so none of their rows has a cost.
    computed: { unpriced: 'case when r.cost is null then r.count end' },
    select: SUMS,
  });
  const { query, plan, rows, rowsBefore, earlier, freshness } = found;
  const { points, restGroups } = seriesOver(
    { ...query, plan, earlier, top: query.top, sizeOf: sizes[asked.topBy ?? 'invocations'] },
    rows,
    numbersOf,
  );
  return {
    ...seriesMetadataOf(found),
    series: points,
    restGroups,
    totals: {
      ...numbersOf(rows),
      ...(query.compare && { previous: rowsBefore ? numbersOf(rowsBefore) : null }),
    },
    freshness,
  };
}

function numbersOf(rows: readonly UsageRow[]): UsageNumbers {
  const sum = (column: Exclude<keyof UsageRow, 'cost'>) =>
    rows.reduce((total, row) => total + row[column], 0);
  const cost = rows.reduce((total, row) => total + BigInt(row.cost), 0n);
  const timed = sum('ttft_count');
  return {
    invocations: sum('invocations'),
    inputTokens: sum('input_tokens'),
    outputTokens: sum('output_tokens'),
    cachedInputTokens: sum('cached_input_tokens'),
    cacheWriteInputTokens: sum('cache_write_tokens'),
    reasoningTokens: sum('reasoning_tokens'),
    costEstimateCents: Number(cost) / NANODOLLARS_PER_CENT,
    costUsd: shortDecimal(cost, COST_SCALE),
    unpricedInvocations: sum('unpriced'),
    withoutUsage: sum('without_usage'),
    timeToFirstTokenMs: timed === 0 ? null : inMilliseconds(sum('ttft_sum') / timed),
  };
}
