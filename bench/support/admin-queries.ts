/** A query of the admin API over 30 days, and plain SQL over raw events for the same. */
export interface AdminBenchQuery {
  /** Below `/api/v1/analytics/`. */
  path: string;
  /** SQL with the start as `$1` and the org, or null for all, as `$2`. Absent if the numbers do not come from events. */
  raw?: string;
}

function from(type: string): string {
  return `from analytics.events where type = '${type}' and occurred_at >= $1 and ($2::text is null or org_id = $2)`;
}

const percentiles = 'percentile_cont(array[0.5, 0.95, 0.99]) within group (order by value)';
const byDay = `date_trunc('day', occurred_at)`;

function mlOf(group: string, where = 'true'): string {
  return `select ${group}, status, count(*), sum(cost), ${percentiles} ${from('ml_job')} and ${where} group by 1, 2`;
}

export const adminQueries: readonly AdminBenchQuery[] = [
  {
    path: 'health/overview',
    raw: `select count(*), count(*) filter (where status = 'error'), ${percentiles} ${from('api_request')}`,
  },
  {
    path: 'health/api',
    raw: `select method, route, count(*), count(*) filter (where status = 'error'), ${percentiles}
      ${from('api_request')} group by 1, 2`,
  },
  { path: 'health/database' },
  {
    path: 'health/timeseries?metric=latency_p95',
    raw: `select ${byDay}, ${percentiles} ${from('api_request')} group by 1`,
  },
  { path: 'ml/overview', raw: mlOf('pipeline') },
  { path: 'ml/3d', raw: mlOf('provider', `pipeline = '3d'`) },
  { path: 'ml/descriptions', raw: mlOf('provider', `pipeline = 'descriptions'`) },
  { path: 'ml/assets', raw: mlOf('operation', `pipeline = 'assets'`) },
  { path: 'ml/providers', raw: mlOf('provider') },
  { path: 'ml/overview?compare=previous', raw: mlOf('pipeline') },
  {
    path: 'business/overview',
    raw: `select currency, status, count(*), sum(value), count(distinct (org_id, customer_id)) ${from('order')} group by 1, 2`,
  },
  {
    path: 'business/overview?compare=previous',
    raw: `select currency, status, count(*), sum(value), count(distinct (org_id, customer_id)) ${from('order')} group by 1, 2`,
  },
  {
    path: 'business/products?compare=previous',
    raw: `with sold as (select sku, currency, status, count(*), sum(value) ${from('order_line')} group by 1, 2, 3),
        seen as (select sku, stage, count(*) ${from('storefront')} group by 1, 2)
      select * from sold left join seen using (sku)`,
  },
  {
    path: 'business/sales',
    raw: `select ${byDay}, currency, status, count(*), sum(value) ${from('order')} group by 1, 2, 3`,
  },
  {
    path: 'business/sales?breakdown=product',
    raw: `select ${byDay}, sku, currency, status, count(*), sum(value) ${from('order_line')} group by 1, 2, 3, 4`,
  },
  {
    path: 'business/products',
    raw: `with sold as (select sku, currency, status, count(*), sum(value) ${from('order_line')} group by 1, 2, 3),
        seen as (select sku, stage, count(*) ${from('storefront')} group by 1, 2)
      select * from sold left join seen using (sku)`,
  },
  {
    path: 'business/collections',
    raw: `select collection, currency, status, count(*), sum(value) ${from('order_line')} group by 1, 2, 3`,
  },
  {
    path: 'business/funnel',
    raw: `select stage, count(*), count(distinct (org_id, session_id)) ${from('storefront')} group by 1`,
  },
];
