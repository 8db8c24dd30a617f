/**
 * Requests to a platform: realistic `api_request` events, and their figures by plain SQL over the raw events.
 */
import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';

export interface RequestEvent {
  type: 'api_request';
  eventId: string;
  orgId: string;
  occurredAt: string;
  method: string;
  route: string;
  statusCode: number;
  durationMs: number;
}

export function makeRequest(overrides: Partial<RequestEvent> & { at: number }): RequestEvent {
  const { at, ...given } = overrides;
  return {
    type: 'api_request',
    eventId: randomUUID(),
    orgId: 'acme',
    occurredAt: new Date(at).toISOString(),
    method: 'GET',
    route: '/orders',
    statusCode: 200,
    durationMs: 20,
    ...given,
  };
}

const routes = ['/orders', '/orders/:id', '/search', '/login', '/upload'] as const;
const codes = [200, 200, 200, 201, 404, 200, 429, 500, 200, 503] as const;

/** This many requests within a span before `end`, of five routes with latency tails of their own. */
export function makeRequests(count: number, { end, span }: { end: number; span: number }): RequestEvent[] {
  return Array.from({ length: count }, (_, n) => {
    const route = routes[n % routes.length] ?? '/orders';
    const share = ((n * 0.754_877_666) % 1) * 0.999 + 0.0005;
    const typical = 5 + 40 * (n % routes.length);
    return makeRequest({
      at: end - 1 - Math.floor((((n * 7_919) % count) * span) / count),
      route,
      method: n % 7 === 0 ? 'POST' : 'GET',
      statusCode: route === '/login' ? 200 : (codes[(n * 3) % codes.length] ?? 200),
      durationMs: Math.round(typical * Math.exp(Math.log(share / (1 - share)) / 1.9) * 1_000) / 1_000,
    });
  });
}

export interface RawRequests {
  requests: number;
  errors: number;
  clientErrors: number;
  avg: number | null;
  p50: number | null;
  p95: number | null;
  p99: number | null;
  max: number | null;
}

interface RawQuestion {
  /** All orgs if left out. */
  orgId?: string;
  start: string;
  end: string;
  route?: string;
  method?: string;
}

/** The requests by bucket, by the clock of a zone. Buckets without requests are left out. */
export async function rawRequests(
  pool: Pool,
  { orgId, start, end, route, method }: RawQuestion,
  bucketSql = `null::timestamptz`,
  groupSql = `null::text`,
): Promise<(RawRequests & { at: Date | null; name: string | null })[]> {
  const { rows } = await pool.query(
    `select ${bucketSql} as at, ${groupSql} as name, count(*) as requests,
       count(*) filter (where status_code >= 500) as errors,
       count(*) filter (where status_code between 400 and 499) as "clientErrors",
       avg(value)::float8 / 1000 as avg, max(value)::float8 / 1000 as max,
       percentile_disc(0.5) within group (order by value)::float8 / 1000 as p50,
       percentile_disc(0.95) within group (order by value)::float8 / 1000 as p95,
       percentile_disc(0.99) within group (order by value)::float8 / 1000 as p99
     from analytics.events
     where type = 'api_request' and occurred_at >= $1 and occurred_at < $2
       and ($3::text is null or org_id = $3) and ($4::text is null or route = $4)
       and ($5::text is null or method = $5)
     group by 1, 2 order by 1, 2`,
    [start, end, orgId ?? null, route ?? null, method ?? null],
  );
  return rows;
}
