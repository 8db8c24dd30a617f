-- Up Migration

-- The spans around counted calls, so that spans of the same trace in later requests are not counted again.
create table analytics.counted_spans (
  org_id text collate "C" not null,
  trace_id uuid not null,
  with_usage boolean not null,
  above text[] not null,
  below text[] not null,
  marked_at timestamptz not null
);
comment on column analytics.counted_spans.with_usage is 'Whether the calls have tokens or a cost';
comment on column analytics.counted_spans.above is 'Spans of other requests that a counted call is within';
comment on column analytics.counted_spans.below is 'Counted calls, and spans within them that are no calls';

create index counted_spans_trace on analytics.counted_spans (org_id, trace_id);
-- Rows arrive in the order of their time, and are removed by it.
create index counted_spans_time on analytics.counted_spans using brin (marked_at) with (pages_per_range = 16);

-- Down Migration

drop table analytics.counted_spans;
