-- Up Migration

-- What comparisons of rollups with raw events found, so that the health of the system can show the last one.
create table analytics.reconciliations (
  reconciliation_id bigint generated always as identity primary key,
  ended_at timestamptz not null,
  seconds double precision not null,
  started_by text not null check (started_by in ('schedule', 'command')),
  range_from timestamptz not null,
  range_to timestamptz not null,
  rows_compared bigint not null,
  booked_days int not null,
  drifts jsonb not null
);
comment on table analytics.reconciliations is 'The latest comparisons of rollups with raw events, of all orgs';
comment on column analytics.reconciliations.drifts is 'Buckets that differ by type and grain, as {type, grain, count}; they name no org';

-- Down Migration

drop table analytics.reconciliations;
