-- Up Migration

-- Tables that queries of a shop need besides rollups. The fold writes them.

-- The orders of each customer by minute, for the number of distinct customers in a range. A customer is the hash of the
-- org and its customer id, so that a customer of two orgs counts twice.
create table analytics.customer_orders (
  org_id text collate "C" not null,
  minute timestamptz not null,
  customer uuid not null,
  orders integer not null,
  primary key (org_id, minute, customer)
);
-- For queries over all orgs together, and for retention.
create index customer_orders_minute on analytics.customer_orders (minute, customer) include (orders);
comment on column analytics.customer_orders.customer is 'Hash of org and customer; of zeros for orders that name none';
comment on column analytics.customer_orders.orders is 'Completed orders';

-- The furthest stage of each session, and its start. Changes by events become rollup rows of the type session.
create table analytics.sessions (
  org_id text collate "C" not null,
  session_id text collate "C" not null,
  started_at timestamptz not null,
  furthest smallint not null,
  was_started_at timestamptz,
  was_furthest smallint,
  changed_at timestamptz not null,
  primary key (org_id, session_id)
) with (fillfactor = 80);
create index sessions_changed on analytics.sessions (changed_at);
create index sessions_started on analytics.sessions (started_at);
comment on column analytics.sessions.furthest is 'Stages reached beyond the visit: 0 none, 1 cart, 2 checkout, 3 complete';
comment on column analytics.sessions.changed_at is 'To the day, so that most changes leave the index as it is';
comment on column analytics.sessions.was_furthest is 'As it was before its last change, which takes that back from the rollups';

-- The latest name and stock of each product.
create table analytics.products (
  org_id text collate "C" not null,
  sku text collate "C" not null,
  name text collate "C",
  collection text collate "C",
  category text collate "C",
  named_at timestamptz,
  stock bigint,
  stock_at timestamptz,
  seen_at timestamptz generated always as (greatest(named_at, stock_at)) stored,
  primary key (org_id, sku)
) with (fillfactor = 70);

-- Fills the tables from the existing raw events, like the fold. Folds are blocked meanwhile.
lock table analytics.folds in exclusive mode;

insert into analytics.customer_orders (org_id, minute, customer, orders)
select org_id, date_trunc('minute', occurred_at),
  case
    when customer_id is null then '00000000-0000-0000-0000-000000000000'
    else encode(substring(sha256(convert_to(length(org_id) || ':' || org_id || customer_id, 'UTF8')) for 16), 'hex')
  end::uuid,
  count(*)
from analytics.events
where type = 'order' and status = 'completed'
  and batch_id not in (select batch_id from analytics.ingestion_batches where rolled_up_at is null)
group by 1, 2, 3;

insert into analytics.products (org_id, sku, name, collection, category, named_at, stock, stock_at)
select org_id, sku, name, collection, category, named_at, stock, stock_at
from (
  select distinct on (org_id, sku) org_id, sku, attributes ->> 'name' as name, collection, category,
    occurred_at as named_at
  from analytics.events
  where type = 'order_line' and status = 'completed'
  order by org_id, sku, occurred_at desc, name desc, collection desc, category desc
) as named
full join (
  select distinct on (org_id, sku) org_id, sku, quantity as stock, occurred_at as stock_at
  from analytics.events where type = 'inventory'
  order by org_id, sku, occurred_at desc, quantity desc
) as counted using (org_id, sku);

insert into analytics.sessions (org_id, session_id, started_at, furthest, changed_at)
select org_id, session_id, min(occurred_at),
  max(case when type = 'order' then 3 when stage = 'checkout' then 2 when stage = 'add_to_cart' then 1 else 0 end),
  date_trunc('day', now())
from analytics.events
where session_id is not null and (type = 'storefront' or (type = 'order' and status = 'completed'))
  and batch_id not in (select batch_id from analytics.ingestion_batches where rolled_up_at is null)
group by org_id, session_id;

-- Creates their series with the keys of the writer, those of all orgs together first. Then their rows, in a waiting fold.
insert into analytics.series (org_id, type, series_key, stage)
select '*', 'session', encode(sha256('*' || '\x00'::bytea || 'session' || '\x00'::bytea || stage::bytea), 'hex'), stage
from unnest('{visit,cart,checkout,complete}'::text[]) as s (stage)
where exists (select from analytics.sessions);

insert into analytics.series (org_id, type, series_key, stage, platform_series_id)
select org_id, 'session',
  encode(sha256(convert_to(org_id, 'UTF8') || '\x00'::bytea || 'session' || '\x00'::bytea || stage::bytea), 'hex'), stage, series_id
from (select distinct org_id from analytics.sessions) as o,
  (select stage, series_id from analytics.series where org_id = '*' and type = 'session') as p;

with fold as (
  insert into analytics.folds (grain)
  select 'minute' where exists (select from analytics.sessions)
  returning fold_id
),
reached as (
  select org_id, date_trunc('minute', started_at) as bucket_start,
    ('{visit,cart,checkout,complete}'::text[])[step + 1] as stage
  from analytics.sessions, generate_series(0, furthest) as step
),
reached_by as (
  select org_id, stage, bucket_start from reached
  union all
  select '*', stage, bucket_start from reached
)
insert into analytics.rollups (grain, fold_id, org_id, type, series_id, bucket_start, count, last_event_at)
select 'minute', f.fold_id, r.org_id, 'session', s.series_id, r.bucket_start, count(*), r.bucket_start
from fold f, reached_by r
join analytics.series s on s.org_id = r.org_id and s.type = 'session' and s.stage = r.stage
group by 1, 2, 3, 5, 6;

update analytics.folds f
set rows = r.rows, bucket_from = r.bucket_from, bucket_to = r.bucket_to
from (
  select fold_id, count(*) as rows, min(bucket_start) as bucket_from, max(bucket_start) + interval '1 minute' as bucket_to
  from analytics.rollups where type = 'session' group by 1
) as r
where f.fold_id = r.fold_id;

-- Down Migration

drop table analytics.products;
drop table analytics.sessions;
drop table analytics.customer_orders;
delete from analytics.freshness_status where type = 'session';
delete from analytics.rollups where type = 'session';
delete from analytics.series where type = 'session';
