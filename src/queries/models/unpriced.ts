import type { Queryable } from '../../database/pool.ts';
import { usage } from '../../events/types/usage.ts';
import { bucketEnd, bucketStart, finestGrain, grainNamed } from '../../rollups/grains.ts';
import { DAY } from '../../time.ts';
import type { Freshness } from '../reading/freshness.ts';
import { queryRollups } from '../reading/query-rollups.ts';
import { planWindows } from '../reading/read-plan.ts';
import type { TimeRange } from '../reading/time-buckets.ts';

/** Calls of unknown cost to one model, as their senders name it. */
export interface UnpricedModel {
  provider: string | null;
  modelId: string;
  serviceTier: string | null;
  unpricedInvocations: number;
  inputTokens: number;
  outputTokens: number;
  /** Of the calls, those whose tokens are not known. A price by tokens cannot price them. */
  withoutUsage: number;
  /** The first such call within the range was on this day, UTC, or after this minute of today. ISO 8601. */
  since: string;
  /** When the last such call happened. ISO 8601. */
  lastAt: string;
}

export interface UnpricedAnswer {
  range: { start: string; end: string };
  /** A page of them, the one with the most calls first. */
  models: UnpricedModel[];
  /** Of all models, also of those on other pages. */
  totals: { models: number; unpricedInvocations: number };
  freshness: Freshness;
}

/** The most days back: days are kept for about as long. */
export const MOST_DAYS = 400;

interface UnpricedQuestion {
  /** `ALL_ORGS` for all orgs together. */
  orgId: string;
  /** Days before today. */
  days: number;
  /** The entries before the page. */
  offset: number;
  limit: number;
  /** Milliseconds since the epoch. */
  now: number;
}

interface UnpricedRow {
  provider: string | null;
  model_id: string;
  service_tier: string | null;
  calls: number;
  input_tokens: number;
  output_tokens: number;
  without_usage: number;
  since: Date;
  last_at: Date;
}

/** The models whose calls have no known cost, counted from rollups. */
export async function answerUnpriced(
  database: Queryable,
  { orgId, days, offset, limit, now }: UnpricedQuestion,
): Promise<UnpricedAnswer> {
  const range = daysUntil(now, days);
  const { rows, freshness } = await queryRollups<UnpricedRow>(database, {
    ...{ orgId, type: usage.type, plan: planWindows([range]) },
    // Calls of unknown cost have series of their own.
    filters: { cost_source: 'none' },
    groupBy: ['provider', 'model_id', 'service_tier'],
    columns: ['count', 'input_tokens', 'output_tokens', 'without_usage', 'last_event_at'],
    select: `sum(r.count)::float8 as calls, coalesce(sum(r.input_tokens), 0)::float8 as input_tokens,
      coalesce(sum(r.output_tokens), 0)::float8 as output_tokens,
      coalesce(sum(r.without_usage), 0)::float8 as without_usage,
      min(r.bucket_start) as since, max(r.last_event_at) as last_at`,
  });
  const found = rows.toSorted(byCalls);
  return {
    range: { start: iso(range.start), end: iso(range.end) },
    models: found.slice(offset, offset + limit).map(modelOf),
    totals: { models: found.length, unpricedInvocations: found.reduce((sum, { calls }) => sum + calls, 0) },
    freshness,
  };
}

/** Whole days up to today, and today so far. */
function daysUntil(now: number, days: number): TimeRange {
  const start = bucketStart(grainNamed('day'), now) - days * DAY;
  return { start, end: bucketEnd(finestGrain, now) };
}

function byCalls(a: UnpricedRow, b: UnpricedRow): number {
  return b.calls - a.calls || (nameOf(a) < nameOf(b) ? -1 : 1);
}

function nameOf({ provider, model_id, service_tier }: UnpricedRow): string {
  return JSON.stringify([model_id, provider, service_tier]);
}

function modelOf(row: UnpricedRow): UnpricedModel {
  return {
    provider: row.provider,
    modelId: row.model_id,
    serviceTier: row.service_tier,
    unpricedInvocations: row.calls,
    inputTokens: row.input_tokens,
    outputTokens: row.output_tokens,
    withoutUsage: row.without_usage,
    since: row.since.toISOString(),
    lastAt: row.last_at.toISOString(),
  };
}

function iso(millis: number): string {
  return new Date(millis).toISOString();
}
