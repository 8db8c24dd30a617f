-- Up Migration

-- What dashboards read. The functions stay as they are from release to release, while the tables behind them may
-- change. They run as their owner, so that a role can be given the functions and nothing else: see
-- deploy/grafana/reader.sql.

-- The grain that a range is read at: the finest that is still kept for its start, or the coarsest whose buckets fill a
-- step. The step grows to whole buckets, and the range to whole steps. Kept times are those of src/rollups/grains.ts.
create function analytics.series_frame(
  range_start timestamptz, range_end timestamptz, step interval,
  out grain text, out width interval, out first_bucket timestamptz, out last_bucket timestamptz)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  origin constant timestamptz := '1970-01-04T00:00:00Z';
  most_buckets constant integer := 11000;
  asked constant double precision := extract(epoch from step);
  seconds double precision;
begin
  if asked is null or asked <= 0 then
    raise exception 'The step is %; it must be longer than nothing, such as 1m.', step using errcode = '22023';
  end if;
  with grains (name, seconds, kept) as (
    values ('minute', 60, interval '2 days'), ('quarter_hour', 900, interval '90 days'),
      ('hour', 3600, interval '90 days'), ('day', 86400, interval '430 days'), ('week', 604800, interval '1100 days')
  ), finest as (
    select g.seconds from grains g
    where range_start - make_interval(secs => greatest(asked, g.seconds)) >= now() - g.kept or g.name = 'week'
    order by g.seconds limit 1
  ), whole as (
    select f.seconds as finest, greatest(1, ceil(asked / f.seconds)) * f.seconds as step from finest f
  )
  select g.name, w.step into grain, seconds
  from grains g, whole w
  where g.seconds >= w.finest and w.step::bigint % g.seconds = 0
  order by g.seconds desc limit 1;
  width := make_interval(secs => seconds);
  first_bucket := date_bin(width, range_start, origin);
  last_bucket := date_bin(width, range_end - interval '1 microsecond', origin);
  if extract(epoch from last_bucket - first_bucket) / seconds >= most_buckets then
    raise exception 'The range has more than % steps of %; take a longer step or a shorter range.', most_buckets, width
      using errcode = '22023';
  end if;
end
$$;

-- The rows of usage between two moments ($2, $3) of an org ($1) at a grain, and the finer ones of folds ($4) that it has
-- not taken in yet. Partitions go by their names, as the covering indexes do not have the grain.
create function analytics.usage_rows_sql(grain text, columns text) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select string_agg(format(
    'select r.series_id, r.bucket_start, %s from analytics.rollups_%s r
     where r.org_id = $1 and r.type = ''usage'' and r.bucket_start >= $2 and r.bucket_start < $3%s',
    columns, g.name, case when g.name <> grain then ' and r.fold_id = any($4)' else '' end), E'\nunion all\n')
  from unnest('{minute,quarter_hour,hour,day,week}'::text[]) with ordinality as g (name, place)
  where g.place <= array_position('{minute,quarter_hour,hour,day,week}'::text[], grain)
$$;

-- The folds of grains finer than this one that the next grain has not taken in. In plpgsql, as is whatever names a table
-- that Citus keeps on the coordinator: a function in SQL is checked when it is created on a node, where that table is not.
create function analytics.waiting_folds(before_grain text) returns bigint[]
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return array(
    select f.fold_id from analytics.folds f
    where f.consumed_at is null and array_position('{minute,quarter_hour,hour,day,week}'::text[], f.grain)
      < array_position('{minute,quarter_hour,hour,day,week}'::text[], before_grain));
end
$$;

-- The value that a share of all values does not exceed, in microseconds: the smallest whose rank is at least the share of
-- their number, as percentile_disc has it. As src/queries/reading/sketch.ts does it, from the bin that holds the rank.
-- Without a search path of its own, as a function that has one is not inlined: it runs for every point.
create function analytics.sketch_value(
  bin integer, share double precision, total double precision, lowest bigint, highest bigint)
returns double precision language sql immutable as $$
  select case
    when greatest(1, ceil(share * total - 1e-9)) = 1 then lowest
    when ceil(share * total - 1e-9) >= total then highest
    when bin = -1 then greatest(lowest, 0)
    else greatest(lowest, least(highest, 2 * power(1.02::double precision, bin) / 2.02))
  end
$$;

-- How often the models of an org were called, with how many tokens and at what cost. One row for each step and model,
-- with zeros where nothing happened. The org '*' stands for all orgs together; models null stands for all models.
create function analytics.usage_series(
  org text, range_start timestamptz, range_end timestamptz, step interval, models text[] default null)
returns table (bucket timestamptz, model_id text, requests double precision, failures double precision,
  input_tokens double precision, output_tokens double precision, cached_input_tokens double precision,
  cost_dollars double precision)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  most_rows constant integer := 200000;
  frame record;
  found_rows bigint;
begin
  select * into frame from analytics.series_frame(range_start, range_end, step);
  return query execute format(
    $q$with rows as (%s),
    numbers as (
      select date_bin($5, r.bucket_start, timestamptz '1970-01-04T00:00:00Z') as bucket, s.model_id,
        sum(r.count)::float8 as requests,
        coalesce(sum(r.count) filter (where s.status in ('error', 'timeout', 'throttled')), 0)::float8 as failures,
        coalesce(sum(r.input_tokens), 0)::float8 as input_tokens,
        coalesce(sum(r.output_tokens), 0)::float8 as output_tokens,
        coalesce(sum(r.cached_input_tokens), 0)::float8 as cached_input_tokens,
        (coalesce(sum(r.cost), 0) / 1e6)::float8 as cost_dollars
      from rows r join analytics.series s on s.org_id = $1 and s.series_id = r.series_id
      where $6::text[] is null or s.model_id = any($6)
      group by 1, 2
    )
    select b.bucket, m.model_id, coalesce(n.requests, 0), coalesce(n.failures, 0), coalesce(n.input_tokens, 0),
      coalesce(n.output_tokens, 0), coalesce(n.cached_input_tokens, 0), coalesce(n.cost_dollars, 0)
    from generate_series($2, $7, $5) as b (bucket) cross join (select distinct n.model_id from numbers n) as m
    left join numbers n using (bucket, model_id)
    order by 1, 2 limit %s$q$,
    analytics.usage_rows_sql(frame.grain, 'r.count, r.input_tokens, r.output_tokens, r.cached_input_tokens, r.cost'),
    most_rows + 1)
  using org, frame.first_bucket, frame.last_bucket + frame.width, analytics.waiting_folds(frame.grain), frame.width,
    models, frame.last_bucket;
  get diagnostics found_rows = row_count;
  if found_rows > most_rows then
    raise exception 'The answer has more than % rows; take a longer step, a shorter range or fewer models.', most_rows
      using errcode = '22023';
  end if;
end
$$;

-- How often calls failed and how long they took. One row for each step and model; or for each step alone, with the
-- percentiles over all the models, which are no averages of percentiles.
create function analytics.reliability_series(
  org text, range_start timestamptz, range_end timestamptz, step interval, models text[] default null,
  by_model boolean default true)
returns table (bucket timestamptz, model_id text, requests double precision, errors double precision,
  timeouts double precision, throttled double precision, error_rate double precision, p50_ms double precision,
  p95_ms double precision, p99_ms double precision)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  most_rows constant integer := 200000;
  frame record;
  found_rows bigint;
begin
  select * into frame from analytics.series_frame(range_start, range_end, step);
  return query execute format(
    $q$with rows as (%s),
    placed as materialized (
      select date_bin($5, r.bucket_start, timestamptz '1970-01-04T00:00:00Z') as bucket,
        case when $8 then s.model_id end as model_id, s.status, r.count, r.value_min, r.value_max, r.sketch
      from rows r join analytics.series s on s.org_id = $1 and s.series_id = r.series_id
      where $6::text[] is null or s.model_id = any($6)
    ),
    numbers as (
      select bucket, model_id, sum(count)::float8 as requests,
        coalesce(sum(count) filter (where status = 'error'), 0)::float8 as errors,
        coalesce(sum(count) filter (where status = 'timeout'), 0)::float8 as timeouts,
        coalesce(sum(count) filter (where status = 'throttled'), 0)::float8 as throttled,
        min(value_min) as lowest, max(value_max) as highest
      from placed group by 1, 2
    ),
    -- All entries at once: a function called for each of 2,000 points took twenty times as long. Whatever is read byte by
    -- byte is decompressed once, before.
    entries as (
      select p.bucket, p.model_id,
        (((get_byte(f.bytes, a.at) << 8) | get_byte(f.bytes, a.at + 1)) # 32768) - 32768 as bin,
        sum((get_byte(f.bytes, a.at + 2) << 24) | (get_byte(f.bytes, a.at + 3) << 16)
          | (get_byte(f.bytes, a.at + 4) << 8) | get_byte(f.bytes, a.at + 5))::float8 as n
      from (select bucket, model_id, sketch from placed where sketch is not null) as p
      cross join lateral (select p.sketch || ''::bytea as bytes offset 0) as f
      cross join lateral generate_series(0, length(f.bytes) - 1, 6) as a (at)
      group by 1, 2, 3
    ),
    ranked as (
      select e.bucket, e.model_id, e.bin,
        sum(e.n) over (partition by e.bucket, e.model_id order by e.bin) as seen,
        sum(e.n) over (partition by e.bucket, e.model_id) as total
      from entries e
    ),
    bins as (
      select r.bucket, r.model_id, max(r.total) as total,
        min(r.bin) filter (where r.seen >= ceil(0.5 * r.total - 1e-9)) as p50,
        min(r.bin) filter (where r.seen >= ceil(0.95 * r.total - 1e-9)) as p95,
        min(r.bin) filter (where r.seen >= ceil(0.99 * r.total - 1e-9)) as p99
      from ranked r group by 1, 2
    )
    select b.bucket, m.model_id, coalesce(n.requests, 0), coalesce(n.errors, 0), coalesce(n.timeouts, 0),
      coalesce(n.throttled, 0), coalesce((n.errors + n.timeouts + n.throttled) / nullif(n.requests, 0), 0),
      analytics.sketch_value(q.p50, 0.5, q.total, n.lowest, n.highest) / 1000,
      analytics.sketch_value(q.p95, 0.95, q.total, n.lowest, n.highest) / 1000,
      analytics.sketch_value(q.p99, 0.99, q.total, n.lowest, n.highest) / 1000
    from generate_series($2, $7, $5) as b (bucket) cross join (select distinct n.model_id from numbers n) as m
    left join numbers n on n.bucket = b.bucket and coalesce(n.model_id, '') = coalesce(m.model_id, '')
    left join bins q on q.bucket = b.bucket and coalesce(q.model_id, '') = coalesce(m.model_id, '')
    order by 1, 2 limit %s$q$,
    analytics.usage_rows_sql(frame.grain, 'r.count, r.value_min, r.value_max, r.sketch'), most_rows + 1)
  using org, frame.first_bucket, frame.last_bucket + frame.width, analytics.waiting_folds(frame.grain), frame.width,
    models, frame.last_bucket, by_model;
  get diagnostics found_rows = row_count;
  if found_rows > most_rows then
    raise exception 'The answer has more than % rows; take a longer step, a shorter range or fewer models.', most_rows
      using errcode = '22023';
  end if;
end
$$;

-- The models of an org, when each was last seen, and for how long the oldest stored event waits to be in the numbers.
create function analytics.org_freshness(org text)
returns table (model_id text, last_event_at timestamptz, last_rollup_at timestamptz, lag_seconds double precision)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  folds constant bigint[] := analytics.waiting_folds('quarter_hour');
  waiting_since timestamptz;
  folded_at timestamptz;
begin
  select max(f.created_at) into folded_at from analytics.folds f where f.grain = 'minute' and f.consumed_at is null;
  select min(b.completed_at) into waiting_since from analytics.ingestion_batches b
  where b.rolled_up_at is null and (org = '*' or org = any(b.org_ids));
  return query
    with seen as (
      select f.model_id, f.last_event_at, f.last_rollup_at
      from analytics.freshness_status f where f.org_id = org and f.type = 'usage'
      union all
      select s.model_id, r.last_event_at, folded_at
      from analytics.rollups_minute r join analytics.series s on s.org_id = org and s.series_id = r.series_id
      where r.org_id = org and r.type = 'usage' and r.fold_id = any(folds)
    )
    select s.model_id, max(s.last_event_at), max(s.last_rollup_at),
      greatest(0, coalesce(extract(epoch from statement_timestamp() - waiting_since), 0))::float8
    from seen s group by 1 order by 1;
end
$$;

-- The orgs that sent usage, the latest first, at most a thousand; '*' is all of them together.
create function analytics.usage_orgs() returns table (org_id text, last_event_at timestamptz)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  folds constant bigint[] := analytics.waiting_folds('quarter_hour');
begin
  return query
    select seen.org_id, max(seen.last_event_at)
    from (
      select f.org_id, f.last_event_at from analytics.freshness_status f where f.type = 'usage'
      union all
      select r.org_id, r.last_event_at from analytics.rollups_minute r
      where r.type = 'usage' and r.fold_id = any(folds)
    ) as seen
    group by 1 order by 2 desc, 1 limit 1000;
end
$$;

-- Whoever may use the schema could run them all; a reader is to run the four and no other.
revoke execute on all functions in schema analytics from public;

do $$
begin
  if exists (select from pg_roles where rolname = 'tidemark_reader') then
    grant usage on schema analytics to tidemark_reader;
    grant execute on function
      analytics.usage_series(text, timestamptz, timestamptz, interval, text[]),
      analytics.reliability_series(text, timestamptz, timestamptz, interval, text[], boolean),
      analytics.org_freshness(text), analytics.usage_orgs() to tidemark_reader;
  end if;
end
$$;

-- Down Migration

drop function analytics.usage_orgs();
drop function analytics.org_freshness(text);
drop function analytics.reliability_series(text, timestamptz, timestamptz, interval, text[], boolean);
drop function analytics.usage_series(text, timestamptz, timestamptz, interval, text[]);
drop function analytics.sketch_value(integer, double precision, double precision, bigint, bigint);
drop function analytics.waiting_folds(text);
drop function analytics.usage_rows_sql(text, text);
drop function analytics.series_frame(timestamptz, timestamptz, interval);
grant execute on all functions in schema analytics to public;
do $$
begin
  if exists (select from pg_roles where rolname = 'tidemark_reader') then
    revoke usage on schema analytics from tidemark_reader;
  end if;
end
$$;
