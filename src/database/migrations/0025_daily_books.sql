-- Up Migration

-- The totals of an org's raw events by type and UTC day. They outlive the raw events.
create table analytics.daily_books (
  org_id text collate "C" not null,
  type text collate "C" not null,
  day timestamptz not null,
  events bigint not null,
  failed bigint not null,
  unpriced bigint not null,
  -- Sums of many bigints. A booking must not fail for an absurd amount of one org.
  value numeric not null,
  input_tokens numeric not null,
  cached_input_tokens numeric not null,
  output_tokens numeric not null,
  cost numeric not null,
  primary key (org_id, type, day)
);
create index daily_books_day on analytics.daily_books (day);
comment on column analytics.daily_books.failed is 'Events whose status is a failure of their type';
comment on column analytics.daily_books.unpriced is 'Events of a type with costs that have none';
comment on column analytics.daily_books.cost is 'Ten-thousandths of a cent';

-- A UTC day whose raw events are booked, and what arrived on that day.
create table analytics.booked_days (
  day timestamptz not null primary key,
  up_to_batch bigint not null,
  received bigint not null,
  stored bigint not null,
  duplicates bigint not null,
  conflicts bigint not null,
  rejected bigint not null
);
comment on column analytics.booked_days.up_to_batch is 'The books have the events of this batch and all before; events of later batches are added';
comment on column analytics.booked_days.received is 'Of batches that were completed on this day, whatever the time of their events';

-- Days before this have lost raw events without a book.
insert into analytics.removals (what, removed_before)
select 'unbooked_events', removed_before from analytics.removals where what = 'events';

-- Down Migration

delete from analytics.removals where what = 'unbooked_events';
drop table analytics.booked_days;
drop table analytics.daily_books;
