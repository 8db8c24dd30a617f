-- Up Migration

-- The rollups of all orgs together have the org '*', so that a query over all orgs costs as much as one over an org.
-- Each series refers to the series of '*' that its numbers go into.

-- Blocks folds, their consumption and new series until the existing rollups have their rows of '*'.
lock table analytics.folds in exclusive mode;
lock table analytics.series in access exclusive mode;

do $$
begin
  if exists (select from analytics.series where org_id = '*') then
    raise exception 'there are events of an org named "*", which stands for all orgs from now on: rename it first';
  end if;
end
$$;

alter table analytics.series add column platform_series_id bigint;
comment on column analytics.series.platform_series_id is 'The series of the org ''*'' into which its numbers go; null for one of ''*'' itself';

-- Uses the keys of the writer: the dimensions in order. Clients are left out, because they belong to one org.
with named as materialized (
  select s.org_id, s.series_id, s.type, (
      select encode(sha256(string_agg(convert_to(coalesce(part, ''), 'UTF8'), '\x00'::bytea order by place)), 'hex')
      from unnest(array['*', s.type] || case s.type
        when 'usage' then array[s.model_id, null, s.status, s.error_code]
        when 'api_request' then array[null, s.method, s.route, s.status_code::text, s.status]
        when 'ml_job' then array[s.pipeline, s.operation, s.provider, s.status, s.error_code]
        when 'order' then array[s.channel, s.currency, s.status]
        when 'order_line' then array[s.channel, s.currency, s.sku, s.collection, s.category, s.status]
        when 'storefront' then array[s.stage, s.sku, s.collection]
        when 'inventory' then array[s.sku]
        when 'error' then array[s.service, s.severity, s.error_code]
        when 'alert' then array[s.severity, s.status]
      end) with ordinality as parts (part, place)
    ) as series_key
  from analytics.series s
),
entered as (
  insert into analytics.series (
    org_id, type, series_key, model_id, method, route, status_code, pipeline, operation, provider, service, severity,
    stage, channel, currency, sku, collection, category, status, error_code)
  select distinct on (s.type, n.series_key)
    '*', s.type, n.series_key, s.model_id, s.method, s.route, s.status_code, s.pipeline, s.operation, s.provider,
    s.service, s.severity, s.stage, s.channel, s.currency, s.sku, s.collection, s.category, s.status, s.error_code
  from named n join analytics.series s using (org_id, series_id)
  order by s.type, n.series_key
  returning type, series_key, series_id
)
update analytics.series s
set platform_series_id = e.series_id
from named n join entered e using (type, series_key)
where s.org_id = n.org_id and s.series_id = n.series_id;

alter table analytics.series
  add constraint series_platform check ((org_id = '*') = (platform_series_id is null));

-- Consumed rows go into one new fold for each grain, and other rows into the waiting fold they belong to.
insert into analytics.folds (grain, consumed_at, compacted)
select grain, now(), true from unnest('{minute,quarter_hour,hour,day,week}'::text[]) as g (grain)
where exists (select from analytics.rollups r where r.grain = g.grain);

with taken_in as materialized (
  select grain, max(fold_id) as fold_id from analytics.folds where consumed_at is not null group by 1
),
waiting as materialized (
  select array_agg(fold_id) as fold_ids from analytics.folds where consumed_at is null
),
merged as (
  select r.grain,
    case when r.fold_id = any(w.fold_ids) then r.fold_id else t.fold_id end as fold_id,
    r.type, s.platform_series_id as series_id, r.bucket_start,
    sum(r.count) as count, sum(r.value_sum) as value_sum,
    sum(r.input_tokens) as input_tokens, sum(r.output_tokens) as output_tokens,
    sum(r.cached_input_tokens) as cached_input_tokens, sum(r.quantity) as quantity, sum(r.cost) as cost,
    min(r.value_min) as value_min, max(r.value_max) as value_max, max(r.last_event_at) as last_event_at,
    analytics.concat(r.value_bins) as value_bins,
    analytics.concat(case
      when r.value_bins is null then null
      else coalesce(r.value_bin_counts, array_fill(1, array[cardinality(r.value_bins)]))
    end) as value_bin_counts
  from analytics.rollups r
  join analytics.series s on s.org_id = r.org_id and s.series_id = r.series_id
  join taken_in t on t.grain = r.grain
  cross join waiting w
  where r.type <> 'inventory'
  group by 1, 2, 3, 4, 5
)
insert into analytics.rollups (
  grain, fold_id, org_id, type, series_id, bucket_start, count, value_sum, input_tokens, output_tokens,
  cached_input_tokens, quantity, cost, value_min, value_max, last_event_at, value_bins, value_bin_counts)
select grain, fold_id, '*', type, series_id, bucket_start,
  -- As in every merge, a sum is limited to the range of its column.
  case when count is not null then greatest(-9223372036854775807, least(9223372036854775807, count)) end,
  case when value_sum is not null then greatest(-9223372036854775807, least(9223372036854775807, value_sum)) end,
  case when input_tokens is not null then greatest(-9223372036854775807, least(9223372036854775807, input_tokens)) end,
  case when output_tokens is not null then greatest(-9223372036854775807, least(9223372036854775807, output_tokens)) end,
  case when cached_input_tokens is not null then greatest(-9223372036854775807, least(9223372036854775807, cached_input_tokens)) end,
  case when quantity is not null then greatest(-9223372036854775807, least(9223372036854775807, quantity)) end,
  case when cost is not null then greatest(-9223372036854775807, least(9223372036854775807, cost)) end,
  value_min, value_max, last_event_at, counted.bins, counted.bin_counts
from merged
left join lateral (
  select array_agg(bin order by bin) as bins, array_agg(bin_count order by bin) as bin_counts
  from (
    select bin, sum(bin_count) as bin_count from unnest(value_bins, value_bin_counts) as b (bin, bin_count) group by bin
  ) as b
) as counted on true;

update analytics.folds f
set rows = r.rows, bucket_from = r.bucket_from, bucket_to = r.bucket_to
from (
  select fold_id, count(*) as rows, min(bucket_start) as bucket_from, max(bucket_start) as bucket_to
  from analytics.rollups where org_id = '*' group by 1
) as r
where f.fold_id = r.fold_id and f.bucket_from is null;

insert into analytics.freshness_status (org_id, type, model_id, last_event_at, last_rollup_at)
select '*', type, model_id, max(last_event_at), max(last_rollup_at)
from analytics.freshness_status where type <> 'inventory'
group by type, model_id;

-- A fold has rows of '*' of every type. Without the type in the index, a query of one type scanned the rows of all, or
-- a month of hours instead. That took 15 of the 33 ms of a query of ML jobs.
drop index analytics.rollups_fold;
create index rollups_fold on analytics.rollups (fold_id, org_id, type);

-- Down Migration

drop index analytics.rollups_fold;
create index rollups_fold on analytics.rollups (fold_id, org_id);

delete from analytics.freshness_status where org_id = '*';
delete from analytics.rollups where org_id = '*';
alter table analytics.series drop constraint series_platform;
delete from analytics.series where org_id = '*';
alter table analytics.series drop column platform_series_id;
