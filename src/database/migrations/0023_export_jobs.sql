-- Up Migration

-- An export: what was asked for, who works on it, and what came of it.
create table analytics.export_jobs (
  job_id uuid primary key,
  org_id text collate "C" not null,
  status text collate "C" not null default 'pending'
    check (status in ('pending', 'running', 'succeeded', 'failed', 'expired', 'cancelled')),
  dataset text collate "C" not null,
  -- What the files are to hold: range, granularity, filters, formats, delivery.
  request jsonb not null,
  created_at timestamptz not null,
  initiated_by text not null,
  -- The key that a caller sent to make the request once, and a hash of what it asked for then.
  idempotency_key text collate "C",
  request_hash bytea,
  -- The schedule that asked for it, and the month that it closes.
  schedule_id uuid,
  period text collate "C",

  -- A worker holds the job until `leased_until`. After that, another may take it over.
  attempt integer not null default 0,
  leased_by uuid,
  leased_until timestamptz,
  -- A failed attempt is repeated after this time.
  not_before timestamptz not null,
  cancel_requested boolean not null default false,
  progress_rows bigint not null default 0,
  progress_bytes bigint not null default 0,

  completed_at timestamptz,
  -- When the files are removed.
  expires_at timestamptz,
  -- The host that holds files of a local delivery.
  held_by text,
  output_uri text,
  -- SHA-256 of the first file.
  checksum bytea,
  -- {"code", "message"} of a job that failed.
  error jsonb,
  -- What the manifest says of the content: rows, truncation, warnings, reconciliation.
  outcome jsonb,
  check ((status = 'running') = (leased_by is not null and leased_until is not null))
);
create unique index export_jobs_idempotency on analytics.export_jobs (org_id, idempotency_key)
  where idempotency_key is not null;
-- Lists of an org, newest first.
create index export_jobs_org on analytics.export_jobs (org_id, created_at desc, job_id desc);
-- Jobs that wait for a worker or are at work.
create index export_jobs_open on analytics.export_jobs (org_id, created_at) where status in ('pending', 'running');
create index export_jobs_expiry on analytics.export_jobs (expires_at) where status = 'succeeded';

-- The files of a job that succeeded, in the order of their formats.
create table analytics.export_files (
  job_id uuid not null references analytics.export_jobs on delete cascade,
  name text collate "C" not null,
  place integer not null,
  format text collate "C" not null,
  bytes bigint not null,
  sha256 bytea not null check (octet_length(sha256) = 32),
  rows bigint not null,
  primary key (job_id, name)
);

-- Down Migration

drop table analytics.export_files;
drop table analytics.export_jobs;
