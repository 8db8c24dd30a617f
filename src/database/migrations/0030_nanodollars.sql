-- Up Migration

-- Each change of a distributed table then sees those before it.
do $$
begin
  if exists (select from pg_extension where extname = 'citus') then
    set local citus.multi_shard_modify_mode to 'sequential';
  end if;
end
$$;

-- The covering indexes get the new sums that usage is asked for. Without them the rewrite is faster too.
drop index analytics.rollups_quarter_hour_bucket;
drop index analytics.rollups_hour_bucket;
drop index analytics.rollups_day_bucket;
drop index analytics.rollups_week_bucket;

-- Costs become nano-dollars: a thousand times their number. A sum that would not fit stays at the limit, where
-- reconciliation reports it, as it does for any sum beyond it. Until now every model call said its cost. A rewrite is
-- several times as fast as an update, and leaves no dead rows. The extensions do not allow it on all of their tables.
do $$
begin
  if exists (select from pg_extension where extname in ('timescaledb', 'citus')) then
    update analytics.events set cost = greatest(-9223372036854775, least(9223372036854775, cost)) * 1000,
      cost_source = case when type = 'usage' then 'given' else cost_source end
    where cost is not null;
    update analytics.rollups set cost = greatest(-9223372036854775, least(9223372036854775, cost)) * 1000 where cost is not null;
  else
    alter table analytics.events alter column cost type bigint
        using case when cost is not null then greatest(-9223372036854775, least(9223372036854775, cost)) * 1000 end,
      alter column cost_source type text collate "C" using case when type = 'usage' then 'given' else cost_source end;
    alter table analytics.rollups alter column cost type bigint
      using case when cost is not null then greatest(-9223372036854775, least(9223372036854775, cost)) * 1000 end;
  end if;
end
$$;
update analytics.daily_books set cost = cost * 1000;
update analytics.delivered_charges set cost = cost * 1000;
update analytics.closed_periods set proof = jsonb_set(jsonb_set(jsonb_set(proof,
  '{rows,cost}', to_jsonb(((proof #>> '{rows,cost}')::numeric * 1000)::text)),
  '{month,told,cost}', to_jsonb(((proof #>> '{month,told,cost}')::numeric * 1000)::text)),
  '{month,rollups,cost}', to_jsonb(((proof #>> '{month,rollups,cost}')::numeric * 1000)::text));
update analytics.closed_periods set proof = jsonb_set(proof,
  '{month,raw,cost}', to_jsonb(((proof #>> '{month,raw,cost}')::numeric * 1000)::text))
where proof #>> '{month,raw,cost}' is not null;
comment on column analytics.events.cost is 'Nano-dollars';
comment on column analytics.daily_books.cost is 'Nano-dollars';
comment on column analytics.delivered_charges.cost is 'Nano-dollars';

alter table analytics.events
  add column cache_write_tokens bigint,
  add column reasoning_tokens bigint,
  add column time_to_first_token bigint,
  add column service_tier text collate "C";
comment on column analytics.events.time_to_first_token is 'Microseconds';
comment on column analytics.events.cost_source is 'Where the cost of a model call or an ML job is from: given, table or none';
alter table analytics.series add column service_tier text collate "C";
alter table analytics.rollups
  add column cache_write_tokens bigint,
  add column reasoning_tokens bigint,
  add column ttft_sum bigint,
  add column ttft_count bigint,
  add column without_usage bigint,
  add column without_value bigint;
comment on column analytics.rollups.ttft_sum is 'Times to the first token, in microseconds, of the ttft_count calls that tell it';
comment on column analytics.rollups.without_usage is 'Model calls whose tokens are unknown; null for none';
comment on column analytics.rollups.without_value is 'Model calls whose latency is unknown; null for none';

create index rollups_quarter_hour_bucket on analytics.rollups_quarter_hour (org_id, type, bucket_start)
  include (series_id, count, input_tokens, output_tokens, cached_input_tokens, cost, cache_write_tokens, reasoning_tokens, ttft_sum, ttft_count, without_usage);
create index rollups_hour_bucket on analytics.rollups_hour (org_id, type, bucket_start)
  include (series_id, count, input_tokens, output_tokens, cached_input_tokens, cost, cache_write_tokens, reasoning_tokens, ttft_sum, ttft_count, without_usage);
create index rollups_day_bucket on analytics.rollups_day (org_id, type, bucket_start)
  include (series_id, count, input_tokens, output_tokens, cached_input_tokens, cost, cache_write_tokens, reasoning_tokens, ttft_sum, ttft_count, without_usage);
create index rollups_week_bucket on analytics.rollups_week (org_id, type, bucket_start)
  include (series_id, count, input_tokens, output_tokens, cached_input_tokens, cost, cache_write_tokens, reasoning_tokens, ttft_sum, ttft_count, without_usage);

update analytics.series set cost_source = 'given' where type = 'usage';

do $$
begin
  execute replace(pg_get_functiondef('analytics.usage_series(text, timestamptz, timestamptz, interval, text[])'::regprocedure),
    '/ 1e6)', '/ 1e9)');
end
$$;

-- Down Migration

do $$
begin
  if exists (select from pg_extension where extname = 'citus') then
    set local citus.multi_shard_modify_mode to 'sequential';
  end if;
end
$$;
do $$
begin
  execute replace(pg_get_functiondef('analytics.usage_series(text, timestamptz, timestamptz, interval, text[])'::regprocedure),
    '/ 1e9)', '/ 1e6)');
end
$$;
update analytics.series set cost_source = null where type = 'usage';
drop index analytics.rollups_quarter_hour_bucket;
drop index analytics.rollups_hour_bucket;
drop index analytics.rollups_day_bucket;
drop index analytics.rollups_week_bucket;
alter table analytics.rollups
  drop column cache_write_tokens, drop column reasoning_tokens, drop column ttft_sum, drop column ttft_count,
  drop column without_usage, drop column without_value;
alter table analytics.series drop column service_tier;
alter table analytics.events
  drop column cache_write_tokens, drop column reasoning_tokens, drop column time_to_first_token, drop column service_tier;
-- What is less than a former unit is rounded.
update analytics.closed_periods set proof = jsonb_set(proof,
  '{month,raw,cost}', to_jsonb(round((proof #>> '{month,raw,cost}')::numeric / 1000)::text))
where proof #>> '{month,raw,cost}' is not null;
update analytics.closed_periods set proof = jsonb_set(jsonb_set(jsonb_set(proof,
  '{rows,cost}', to_jsonb(round((proof #>> '{rows,cost}')::numeric / 1000)::text)),
  '{month,told,cost}', to_jsonb(round((proof #>> '{month,told,cost}')::numeric / 1000)::text)),
  '{month,rollups,cost}', to_jsonb(round((proof #>> '{month,rollups,cost}')::numeric / 1000)::text));
update analytics.delivered_charges set cost = round(cost / 1000);
update analytics.daily_books set cost = round(cost / 1000);
do $$
begin
  if exists (select from pg_extension where extname in ('timescaledb', 'citus')) then
    update analytics.rollups set cost = round(cost / 1000.0) where cost is not null;
    update analytics.events set cost = round(cost / 1000.0),
      cost_source = case when type = 'usage' then null else cost_source end
    where cost is not null;
  else
    alter table analytics.rollups alter column cost type bigint using round(cost / 1000.0);
    alter table analytics.events alter column cost type bigint using round(cost / 1000.0),
      alter column cost_source type text collate "C" using case when type = 'usage' then null else cost_source end;
  end if;
end
$$;
comment on column analytics.events.cost is 'Ten-thousandths of a cent';
comment on column analytics.daily_books.cost is 'Ten-thousandths of a cent';
comment on column analytics.delivered_charges.cost is 'Ten-thousandths of a cent';
comment on column analytics.events.cost_source is 'Where the cost of an ML job is from: given, table or none';
create index rollups_quarter_hour_bucket on analytics.rollups_quarter_hour (org_id, type, bucket_start)
  include (series_id, count, input_tokens, output_tokens, cached_input_tokens, cost);
create index rollups_hour_bucket on analytics.rollups_hour (org_id, type, bucket_start)
  include (series_id, count, input_tokens, output_tokens, cached_input_tokens, cost);
create index rollups_day_bucket on analytics.rollups_day (org_id, type, bucket_start)
  include (series_id, count, input_tokens, output_tokens, cached_input_tokens, cost);
create index rollups_week_bucket on analytics.rollups_week (org_id, type, bucket_start)
  include (series_id, count, input_tokens, output_tokens, cached_input_tokens, cost);
