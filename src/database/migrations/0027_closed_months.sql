-- Up Migration

-- What an org wants to be exported each month. One schedule closes the months of a dataset.
create table analytics.export_schedules (
  schedule_id uuid primary key default gen_random_uuid(),
  org_id text collate "C" not null,
  name text collate "C" not null,
  dataset text collate "C" not null,
  -- As an export asks for it; the range is that of the month.
  request jsonb not null,
  close_after_seconds bigint not null,
  -- The first moment of the month that is closed next, and when it is due.
  next_period timestamptz not null,
  due_at timestamptz not null,
  created_at timestamptz not null,
  created_by text not null,
  updated_at timestamptz not null,
  updated_by text not null,
  -- Failures in a row, of closing a month or of writing its files.
  failures integer not null default 0,
  failure text,
  retry_at timestamptz not null default '-infinity',
  unique (org_id, name),
  unique (org_id, dataset)
);
create index export_schedules_due on analytics.export_schedules (due_at);

-- A closed month. A reopened one has another revision.
create table analytics.closed_periods (
  org_id text collate "C" not null,
  dataset text collate "C" not null,
  -- Its first moment.
  period timestamptz not null,
  revision integer not null,
  schedule_id uuid not null,
  -- As an export asks for it, and the issuer at that time, so that its files can be written again as they were.
  request jsonb not null,
  issuer text not null,
  due_at timestamptz not null,
  closed_at timestamptz not null,
  closed_by text not null,
  note text,
  -- The sums of its rows, and of the rollups and raw events that they were compared with.
  proof jsonb not null,
  -- The job that writes its files. Null until there is one.
  job_id uuid,
  job_tries integer not null default 0,
  retry_at timestamptz not null default '-infinity',
  -- When its files were delivered and people were told.
  delivered_at timestamptz,
  primary key (org_id, dataset, period, revision)
);
create index closed_periods_undelivered on analytics.closed_periods (closed_at) where delivered_at is null;

-- The rows of closed months, as their files have them. Corrections are the difference from these.
create table analytics.delivered_charges (
  org_id text collate "C" not null,
  dataset text collate "C" not null,
  -- The month in whose file the row is.
  period timestamptz not null,
  revision integer not null,
  -- A later revision of the month took its place.
  superseded boolean not null default false,
  bucket_start timestamptz not null,
  bucket_end timestamptz not null,
  type text collate "C" not null,
  model_id text collate "C",
  client_id text collate "C",
  provider text collate "C",
  pipeline text collate "C",
  -- The first moment of the closed month that the row corrects.
  corrects timestamptz,
  reason text collate "C",
  events numeric not null,
  failed numeric not null,
  unpriced numeric not null,
  input_tokens numeric not null,
  cached_input_tokens numeric not null,
  output_tokens numeric not null,
  cost numeric not null,
  check ((corrects is null) = (reason is null))
);
create index delivered_charges_period on analytics.delivered_charges (org_id, dataset, period, revision);
create index delivered_charges_bucket on analytics.delivered_charges (org_id, dataset, bucket_start) where not superseded;
comment on column analytics.delivered_charges.cost is 'Ten-thousandths of a cent';
comment on column analytics.delivered_charges.reason is 'late_events or repricing, of a row that corrects';

-- Down Migration

drop table analytics.delivered_charges;
drop table analytics.closed_periods;
drop table analytics.export_schedules;
