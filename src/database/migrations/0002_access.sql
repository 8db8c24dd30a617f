-- Up Migration

-- API keys. The secret has 256 random bits, so storing a plain SHA-256 of it is enough.
create table analytics.api_keys (
  id text collate "C" primary key,
  secret_hash bytea not null check (octet_length(secret_hash) = 32),
  name text not null,
  role text not null,
  orgs text[] not null,
  created_at timestamptz not null,
  created_by text not null,
  expires_at timestamptz,
  revoked_at timestamptz
);

-- The audit log: reads by admins outside their own orgs, and changes of access.
create table analytics.audit_log (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  actor_id text not null,
  actor_via text not null,
  action text not null,
  -- The org that the action affects, if it affects one.
  org_id text collate "C",
  -- The object of the action, such as the id of an API key.
  subject text,
  route text not null,
  request_id text not null
);

create index audit_log_org on analytics.audit_log (org_id, at);

create function analytics.refuse_audit_change() returns trigger language plpgsql as $$
begin
  raise exception 'the audit log is append-only';
end
$$;

create trigger audit_log_append_only
  before update or delete or truncate on analytics.audit_log
  for each statement execute function analytics.refuse_audit_change();

-- Down Migration

drop table analytics.audit_log;
drop function analytics.refuse_audit_change();
drop table analytics.api_keys;
