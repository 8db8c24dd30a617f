-- Up Migration

-- Each change of a distributed table then sees those before it.
do $$
begin
  if exists (select from pg_extension where extname = 'citus') then
    set local citus.multi_shard_modify_mode to 'sequential';
  end if;
end
$$;

alter table analytics.events add column cache_write_hour_tokens bigint;
comment on column analytics.events.cache_write_hour_tokens is 'Of cache_write_tokens, those that the cache keeps for an hour';
-- Prices by the hour apply to old rows too, whose raw events are gone.
alter table analytics.rollups add column cache_write_hour_tokens bigint;

-- Down Migration

do $$
begin
  if exists (select from pg_extension where extname = 'citus') then
    set local citus.multi_shard_modify_mode to 'sequential';
  end if;
end
$$;
alter table analytics.rollups drop column cache_write_hour_tokens;
alter table analytics.events drop column cache_write_hour_tokens;
