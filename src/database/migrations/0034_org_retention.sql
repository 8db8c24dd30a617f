-- Up Migration

-- Orgs whose raw events are kept for less time than those of others.
create table analytics.org_retention (
  org_id text collate "C" primary key,
  raw_days int check (raw_days >= 1),
  removed_before timestamptz,
  searched_batch bigint not null default 0,
  changed_at timestamptz not null,
  changed_by text not null
);
comment on column analytics.org_retention.raw_days is 'Days after which raw events of the org are removed; null: as those of all orgs';
comment on column analytics.org_retention.removed_before is 'A UTC midnight. Raw events of the org before it were removed, or are removed once they are booked';
comment on column analytics.org_retention.searched_batch is 'No raw event of this batch or one before it is left of the time before removed_before';

-- Down Migration

drop table analytics.org_retention;
