-- Up Migration

create table analytics.org_deletions (
  org_id text collate "C" primary key,
  requested_at timestamptz not null,
  requested_by text not null,
  finished_at timestamptz,
  allowed_at timestamptz,
  removed jsonb not null default '{}'
);

comment on table analytics.org_deletions is 'Orgs that are being deleted, or were. No events are taken in for them until they are allowed again';
comment on column analytics.org_deletions.allowed_at is 'Since then the org may send events again';
comment on column analytics.org_deletions.removed is 'Rows that were deleted, by table';

-- Down Migration

drop table analytics.org_deletions;
