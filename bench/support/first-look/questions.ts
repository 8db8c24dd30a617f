import { DAY, HOUR } from '../../../src/time.ts';
import { DAYS } from './year-of-events.ts';

const ADMIN = '/api/v1/analytics';

/** Questions of every kind about an org, over the year and over ranges in it: their paths. */
export function firstQuestions(orgId: string, now: number): string[] {
  const year = rangeOf(now - DAYS * DAY, now);
  const month = rangeOf(now - 130 * DAY, now - 100 * DAY);
  const hours = rangeOf(now - 10 * DAY, now - 8 * DAY);
  const admin = (path: string, range: string) =>
    `${ADMIN}/${path}${path.includes('?') ? '&' : '?'}orgId=${orgId}&${range}`;
  const org = (path: string, range: string) => `/analytics/v1/orgs/${orgId}/${path}&${range}`;
  return [
    org('usage?granularity=week&groupBy=model', year),
    org('usage?granularity=day&groupBy=client', year),
    org('usage?granularity=hour&groupBy=model', hours),
    org('usage?granularity=day&timezone=Asia/Kolkata', rangeOf(now - 60 * DAY, now)),
    org('reliability?granularity=week&groupBy=model', year),
    org('reliability?granularity=day', month),
    admin('business/sales?granularity=week&breakdown=category', year),
    admin('business/sales?granularity=day&breakdown=product&limit=5', month),
    admin('business/sales?granularity=day&compare=previous', month),
    admin('business/overview?compare=previous', rangeOf(now - 60 * DAY, now - 30 * DAY)),
    admin('business/overview', year),
    admin('business/products', year),
    admin('business/collections', year),
    admin('business/funnel', year),
    admin('ml/overview', year),
    admin('ml/providers', year),
    admin('ml/3d', month),
    admin('health/overview', year),
    admin('health/api', year),
    admin('health/timeseries?metric=latency_p95&granularity=week', year),
    admin('health/timeseries?metric=requests&granularity=hour', hours),
    admin('dashboard/summary', year),
    `${ADMIN}/business/sales?granularity=week&breakdown=category&${year}`,
    `${ADMIN}/dashboard/summary?${year}`,
  ];
}

function rangeOf(start: number, end: number): string {
  const iso = (millis: number) => new Date(Math.floor(millis / HOUR) * HOUR).toISOString();
  return `start=${iso(start)}&end=${iso(end)}`;
}
