/** Answers computed from raw events by plain SQL, without rollups, plans or sketches. */
import type { Pool } from 'pg';

export interface RawQuestion {
  orgId: string;
  start: string;
  end: string;
  granularity: 'hour' | 'day' | 'week';
  timezone?: string;
  modelId?: string;
  groupBy?: 'model' | 'client' | 'provider' | 'status' | 'errorCode';
}

export interface RawPoint {
  bucketStart: string;
  group: string | null;
  invocations: number;
  inputTokens: number;
  outputTokens: number;
  cachedInputTokens: number;
  cacheWriteInputTokens: number;
  reasoningTokens: number;
  costEstimateCents: number;
  unpricedInvocations: number;
  withoutUsage: number;
  errors: number;
  errorTimeout: number;
  errorThrottled: number;
  p50: number;
  p95: number;
  p99: number;
}

const bucketSql = {
  hour: `date_trunc('hour', occurred_at, $4)`,
  day: `date_trunc('day', occurred_at at time zone $4) at time zone $4`,
  // Weeks of PostgreSQL begin on Mondays.
  week: `(date_trunc('week', (occurred_at at time zone $4) + interval '1 day') - interval '1 day') at time zone $4`,
};

const groupSql = {
  model: 'model_id',
  client: 'client_id',
  provider: 'provider',
  status: 'status',
  errorCode: 'error_code',
};

/** The buckets with events, by time and group, and the whole range as one without a start. */
export async function askRaw(pool: Pool, question: RawQuestion): Promise<RawPoint[]> {
  const { orgId, start, end, granularity, timezone = 'UTC', modelId, groupBy } = question;
  const { rows } = await pool.query<Omit<RawPoint, 'bucketStart'> & { at: Date | null }>(
    `with wanted as (
       select ${bucketSql[granularity]} as at, ${groupBy ? groupSql[groupBy] : 'null::text'} as name, *
       from analytics.events
       where org_id = $1 and type = 'usage' and occurred_at >= $2 and occurred_at < $3
         and ($5::text is null or model_id = $5)
     )
     select at, name as group, count(*) as invocations, coalesce(sum(input_tokens), 0)::float8 as "inputTokens",
       coalesce(sum(output_tokens), 0)::float8 as "outputTokens", coalesce(sum(cached_input_tokens), 0)::float8 as "cachedInputTokens",
       coalesce(sum(cost), 0)::float8 / 10000000 as "costEstimateCents",
       count(*) filter (where cost is null)::float8 as "unpricedInvocations",
       count(*) filter (where input_tokens is null and output_tokens is null)::float8 as "withoutUsage",
       coalesce(sum(cache_write_tokens), 0)::float8 as "cacheWriteInputTokens",
       coalesce(sum(reasoning_tokens), 0)::float8 as "reasoningTokens",
       count(*) filter (where status <> 'success') as errors,
       count(*) filter (where status = 'timeout') as "errorTimeout",
       count(*) filter (where status = 'throttled') as "errorThrottled",
       percentile_disc(0.5) within group (order by value)::float8 / 1000 as p50,
       percentile_disc(0.95) within group (order by value)::float8 / 1000 as p95,
       percentile_disc(0.99) within group (order by value)::float8 / 1000 as p99
     from wanted group by grouping sets ((at, name), ()) order by at nulls first, name nulls last`,
    [orgId, start, end, timezone, modelId ?? null],
  );
  return rows
    .filter(({ invocations }) => invocations > 0)
    .map(({ at, ...numbers }) => ({ bucketStart: at?.toISOString() ?? '', ...numbers }));
}

const USAGE = [
  'invocations',
  'inputTokens',
  'outputTokens',
  'cachedInputTokens',
  'cacheWriteInputTokens',
  'reasoningTokens',
  'costEstimateCents',
  'unpricedInvocations',
  'withoutUsage',
] as const;

interface Shown {
  bucketStart?: string;
  modelId?: string | null;
  clientId?: string | null;
  provider?: string | null;
  status?: string | null;
  errorCode?: string | null;
}

function groupOf({ modelId, clientId, provider, status, errorCode }: Shown) {
  return modelId ?? clientId ?? provider ?? status ?? errorCode;
}

/** A point of an answer beside the point of the raw events, or undefined where they have none. */
export function beside<Point extends Shown>(
  answer: { series: Point[]; totals: object },
  raw: readonly RawPoint[],
): { shown: Point; raw: RawPoint | undefined }[] {
  const key = (start: string, group: string | null | undefined) => JSON.stringify([start, group ?? null]);
  const byPlace = new Map(raw.map((point) => [key(point.bucketStart, point.group), point]));
  const pairs = [answer.totals as Point, ...answer.series].map((shown) => {
    const place = key(shown.bucketStart ?? '', groupOf(shown));
    const found = byPlace.get(place);
    byPlace.delete(place);
    return { shown, raw: found };
  });
  if (byPlace.size > 0) throw new Error(`the answer has no point for ${[...byPlace.keys()].join()}`);
  return pairs;
}

/** Where the numbers of a usage answer differ from those of the raw events. */
export function usageFaults(
  answer: { series: Shown[]; totals: object },
  raw: readonly RawPoint[],
): { shown: unknown; raw: RawPoint | undefined }[] {
  return beside(answer, raw).filter(({ shown, raw: point }) =>
    USAGE.some((name) => (shown as Record<string, unknown>)[name] !== (point?.[name] ?? 0)),
  );
}
