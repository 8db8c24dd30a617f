/** The right answers about a shop, computed from raw events by plain SQL, without rollups or folds. */
import type { Pool } from 'pg';

/** An org, or all of them, and a half-open range in ISO 8601. */
export interface RawRange {
  orgId: string | null;
  start: string;
  end: string;
}

const IN_RANGE = '($1::text is null or org_id = $1) and occurred_at >= $2 and occurred_at < $3';

function valuesOf({ orgId, start, end }: RawRange): unknown[] {
  return [orgId, start, end];
}

export interface RawTakings {
  currency: string;
  revenueCents: number;
  grossCents: number;
  refundsCents: number;
  cancellationsCents: number;
}

/** Money by currency from matching order lines, and units sold and returned. */
export async function rawSales(
  pool: Pool,
  range: RawRange,
  condition = 'true',
): Promise<{ byCurrency: RawTakings[]; lines: number; unitsSold: number; unitsReturned: number }> {
  const { rows } = await pool.query<RawTakings & { lines: number; sold: number; returned: number }>(
    `select currency,
       sum(case status when 'completed' then value else -value end)::float8 / 10000 as "revenueCents",
       coalesce(sum(value) filter (where status = 'completed'), 0)::float8 / 10000 as "grossCents",
       coalesce(sum(value) filter (where status = 'refunded'), 0)::float8 / 10000 as "refundsCents",
       coalesce(sum(value) filter (where status = 'cancelled'), 0)::float8 / 10000 as "cancellationsCents",
       count(*) filter (where status = 'completed') as lines,
       coalesce(sum(quantity) filter (where status = 'completed'), 0)::bigint as sold,
       coalesce(sum(quantity) filter (where status <> 'completed'), 0)::bigint as returned
     from analytics.events where type = 'order_line' and ${IN_RANGE} and (${condition})
     group by currency order by currency`,
    valuesOf(range),
  );
  const sum = (of: (row: (typeof rows)[0]) => number) => rows.reduce((total, row) => total + of(row), 0);
  return {
    byCurrency: rows.map(({ lines: _, sold: __, returned: ___, ...takings }) => takings),
    lines: sum(({ lines }) => lines),
    unitsSold: sum(({ sold }) => sold),
    unitsReturned: sum(({ returned }) => returned),
  };
}

/** The number of orders, and of their customers. */
export async function rawOrders(pool: Pool, range: RawRange) {
  const { rows } = await pool.query<Record<string, number>>(
    `select count(*) filter (where status = 'completed') as orders,
       count(*) filter (where status = 'refunded') as "refundedOrders",
       count(*) filter (where status = 'cancelled') as "cancelledOrders",
       count(distinct (org_id, customer_id)) filter (where status = 'completed' and customer_id is not null) as customers,
       count(*) filter (where status = 'completed' and customer_id is null) as "ordersWithoutCustomer"
     from analytics.events where type = 'order' and ${IN_RANGE}`,
    valuesOf(range),
  );
  return rows[0] ?? {};
}

/** Matching product views and additions to carts. */
export async function rawInterest(pool: Pool, range: RawRange, condition = 'true') {
  const { rows } = await pool.query<{ views: number; addsToCart: number }>(
    `select count(*) filter (where stage = 'product_view') as views,
       count(*) filter (where stage = 'add_to_cart') as "addsToCart"
     from analytics.events where type = 'storefront' and ${IN_RANGE} and (${condition})`,
    valuesOf(range),
  );
  return rows[0] ?? { views: 0, addsToCart: 0 };
}

/** By stage: sessions that began in the range and reached it, and its events. */
export async function rawFunnel(pool: Pool, range: RawRange) {
  const { rows } = await pool.query<{ stage: string; sessions: number; events: number }>(
    `with steps as (
       select org_id, session_id, occurred_at,
         case when type = 'order' then 4 when stage = 'checkout' then 3 when stage = 'add_to_cart' then 2 else 1 end as step
       from analytics.events
       where type = 'storefront' or (type = 'order' and status = 'completed')
     ),
     sessions as (
       select org_id, session_id, min(occurred_at) as began, max(step) as furthest
       from steps where session_id is not null and ($1::text is null or org_id = $1) group by 1, 2
     ),
     reached as (
       select n, count(*) as sessions from sessions, generate_series(1, furthest) as n
       where began >= $2 and began < $3 group by n
     ),
     seen as (
       select coalesce(stage, 'complete') as event_stage, count(*) as events from analytics.events
       where ${IN_RANGE} and (type = 'storefront' or (type = 'order' and status = 'completed')) group by 1
     )
     select s.stage, coalesce(r.sessions, 0) as sessions, coalesce(e.events, 0) as events
     from (values ('visit', 'visit', 1), ('cart', 'add_to_cart', 2), ('checkout', 'checkout', 3), ('complete', 'complete', 4))
       as s (stage, event_stage, n)
     left join reached r using (n)
     left join seen e using (event_stage)
     order by n`,
    valuesOf(range),
  );
  return rows;
}
