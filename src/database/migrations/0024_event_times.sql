-- Up Migration

-- Finds the pages of a time. It has one entry for 64 pages, so storing an event costs next to nothing more: rows are
-- stored about in the order of their time, and the several intervals of an entry bear late events.
create index events_occurred_at on analytics.events
  using brin (occurred_at timestamptz_minmax_multi_ops) with (pages_per_range = 64);

-- The conflicts of one event.
create index event_conflicts_id on analytics.event_conflicts (org_id, event_id);

-- When a key was last sent, to the minute.
alter table analytics.api_keys add column last_used_at timestamptz;

-- Down Migration

alter table analytics.api_keys drop column last_used_at;
drop index analytics.event_conflicts_id;
drop index analytics.events_occurred_at;
