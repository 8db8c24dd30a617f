-- Up Migration

-- What arrived lately for each org, so that a sender can see what became of it.
create table analytics.recent_ingestion (
  org_id text collate "C" not null,
  entry_id bigint generated always as identity,
  noted_at timestamptz not null,
  entry jsonb not null,
  primary key (org_id, entry_id)
);
comment on table analytics.recent_ingestion is 'What one process took in for an org within a few seconds; the latest rows of each org';
comment on column analytics.recent_ingestion.entry is 'Batches, the last refusals, and the last records that are no calls; no content of events';

-- Down Migration

drop table analytics.recent_ingestion;
