-- Up Migration

-- A sketch is bytes, six for each entry: a bin (int2) and its number of values (int4). Concatenation merges two sketches,
-- and queries return the bytes unchanged. Writing arrays as text was most of the cost of percentiles.
create function analytics.sketch_of(bins smallint[], counts integer[]) returns bytea language sql immutable as $$
  select string_agg(int2send(bin) || int4send(coalesce(n, 1)), ''::bytea)
  from unnest(bins, counts) as entry (bin, n)
$$;

alter table analytics.rollups
  alter column value_bins type bytea
    using case when value_bins is not null then analytics.sketch_of(value_bins, value_bin_counts) end;
alter table analytics.rollups rename column value_bins to sketch;
alter table analytics.rollups drop column value_bin_counts;
comment on column analytics.rollups.sketch is 'Six bytes an entry: a bin (int2) and how many values it holds (int4); a bin may stand in several';

drop function analytics.sketch_of(smallint[], integer[]);
drop aggregate analytics.concat (anycompatiblearray);
-- Like string_agg, in half the time for many small groups: for string_agg the planner assumes 8 KB each, and sorts.
create aggregate analytics.concat (bytea) (sfunc = byteacat, stype = bytea);

-- Down Migration

drop aggregate analytics.concat (bytea);
create aggregate analytics.concat (anycompatiblearray) (sfunc = array_cat, stype = anycompatiblearray);

create function analytics.sketch_bins(sketch bytea) returns smallint[] language sql immutable as $$
  select array_agg(((((get_byte(flat, at) << 8) | get_byte(flat, at + 1)) # 32768) - 32768)::smallint order by at)
  from (select sketch || ''::bytea as flat offset 0) as s, generate_series(0, length(flat) - 1, 6) as at
$$;
create function analytics.sketch_counts(sketch bytea) returns integer[] language sql immutable as $$
  select array_agg((get_byte(flat, at + 2) << 24) | (get_byte(flat, at + 3) << 16)
    | (get_byte(flat, at + 4) << 8) | get_byte(flat, at + 5) order by at)
  from (select sketch || ''::bytea as flat offset 0) as s, generate_series(0, length(flat) - 1, 6) as at
$$;

alter table analytics.rollups add column value_bin_counts integer[];
update analytics.rollups set value_bin_counts = analytics.sketch_counts(sketch) where sketch is not null;
alter table analytics.rollups alter column sketch type smallint[] using analytics.sketch_bins(sketch);
alter table analytics.rollups rename column sketch to value_bins;
comment on column analytics.rollups.value_bins is 'Sketch: bins of the values; value_bin_counts counts each, or each counts once where it is null';

drop function analytics.sketch_bins(bytea);
drop function analytics.sketch_counts(bytea);
