-- Up Migration

-- What was paid for each order and given back, so that refunds and cancellations together lower it to 0 at most. The
-- fold writes it, and writes what is too much as rollup rows of the type over_refund.
create table analytics.orders (
  org_id text collate "C" not null,
  order_id text collate "C" not null,
  currency text collate "C" not null,
  at timestamptz[] not null,
  amounts bigint[] not null,
  was_entries integer not null default 0,
  changed_at timestamptz not null,
  primary key (org_id, order_id, currency)
) with (fillfactor = 80);
create index orders_changed on analytics.orders (changed_at);
comment on column analytics.orders.at is 'When the order was paid or given back, one entry for each event, in the order of arrival';
comment on column analytics.orders.amounts is 'Beside each time: what was paid, or below 0 what was given back, in ten-thousandths of the minor unit';
comment on column analytics.orders.was_entries is 'The number of entries before the last change, which takes their excess back from the rollups';
comment on column analytics.orders.changed_at is 'To the day, so that most changes leave the index as it is';

-- Fills the table from the existing raw events, like the fold. Folds are blocked meanwhile.
lock table analytics.folds in exclusive mode;

insert into analytics.orders (org_id, order_id, currency, at, amounts, changed_at)
select org_id, order_id, currency,
  array_agg(date_trunc('milliseconds', occurred_at) order by occurred_at, event_id),
  array_agg(case when status = 'completed' then value else -value end order by occurred_at, event_id),
  date_trunc('day', now())
from analytics.events
where type = 'order' and (case when status = 'completed' then value >= 0 else value > 0 end)
  and batch_id not in (select batch_id from analytics.ingestion_batches where rolled_up_at is null)
group by org_id, order_id, currency;

-- Not a temporary table: the role of the service need not be allowed to create those.
create table analytics.orders_excess as
with entries as (
  select o.org_id, o.currency, u.at, u.amount,
    sum(case when u.amount < 0 then -u.amount else 0 end) over (
      partition by o.org_id, o.order_id, o.currency order by u.at, u.amount desc rows unbounded preceding) as given_back,
    sum(case when u.amount >= 0 then u.amount end) over (partition by o.org_id, o.order_id, o.currency) as paid
  from analytics.orders o, unnest(o.at, o.amounts) as u (at, amount)
)
select org_id, currency, date_trunc('minute', at) as bucket_start, least(-amount, given_back - paid)::bigint as amount
from entries
where amount < 0 and given_back > paid;

-- Creates their series with the keys of the writer, those of all orgs together first. Then their rows, in a waiting fold.
insert into analytics.series (org_id, type, series_key, currency)
select '*', 'over_refund',
  encode(sha256('*' || '\x00'::bytea || 'over_refund' || '\x00'::bytea || convert_to(currency, 'UTF8')), 'hex'), currency
from (select distinct currency from analytics.orders_excess) as c;

insert into analytics.series (org_id, type, series_key, currency, platform_series_id)
select e.org_id, 'over_refund',
  encode(sha256(convert_to(e.org_id, 'UTF8') || '\x00'::bytea || 'over_refund' || '\x00'::bytea || convert_to(e.currency, 'UTF8')), 'hex'),
  e.currency, p.series_id
from (select distinct org_id, currency from analytics.orders_excess) as e
join analytics.series p on p.org_id = '*' and p.type = 'over_refund' and p.currency = e.currency;

with fold as (
  insert into analytics.folds (grain) select 'minute' where exists (select from analytics.orders_excess) returning fold_id
),
by_org as (
  select org_id, currency, bucket_start, amount from analytics.orders_excess
  union all
  select '*', currency, bucket_start, amount from analytics.orders_excess
)
insert into analytics.rollups (grain, fold_id, org_id, type, series_id, bucket_start, count, value_sum, last_event_at)
select 'minute', f.fold_id, e.org_id, 'over_refund', s.series_id, e.bucket_start, count(*), sum(e.amount), e.bucket_start
from fold f, by_org e
join analytics.series s on s.org_id = e.org_id and s.type = 'over_refund' and s.currency = e.currency
group by 2, 3, 5, 6;

update analytics.folds f
set rows = r.rows, bucket_from = r.bucket_from, bucket_to = r.bucket_to
from (
  select fold_id, count(*) as rows, min(bucket_start) as bucket_from, max(bucket_start) + interval '1 minute' as bucket_to
  from analytics.rollups where type = 'over_refund' group by 1
) as r
where f.fold_id = r.fold_id;

drop table analytics.orders_excess;

-- Down Migration

drop table analytics.orders;
delete from analytics.freshness_status where type = 'over_refund';
delete from analytics.rollups where type = 'over_refund';
delete from analytics.series where type = 'over_refund';
