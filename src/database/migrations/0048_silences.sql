-- Up Migration

-- A silence, or a maintenance window that recurs: while it is in force, its rules send no notices.
create table analytics.alert_silences (
  id uuid primary key default gen_random_uuid(),
  -- Null: for rules over all orgs.
  org_id text collate "C",
  -- Its name in a file of rules; null: it is in none.
  name text,
  reason text not null,
  -- {"rules": [names], "labels": {"modelId": "gpt-4o"}, "severities": ["warning"]}; what is empty matches everything.
  matchers jsonb not null,
  starts_at timestamptz,
  ends_at timestamptz,
  -- {"days": ["mon"], "from": "22:00", "to": "06:00", "timezone": "Europe/Berlin"}; null: it does not recur.
  recurrence jsonb,
  -- Its occurrence that is under way or comes next; null: it is over.
  opens_at timestamptz,
  closes_at timestamptz,
  version integer not null default 1,
  created_at timestamptz not null,
  created_by text not null,
  updated_at timestamptz not null,
  updated_by text not null,
  check (recurrence is not null or (starts_at is not null and ends_at is not null)),
  check ((opens_at is null) = (closes_at is null))
);
create unique index alert_silences_name on analytics.alert_silences (coalesce(org_id, '*'), name) where name is not null;
create index alert_silences_org on analytics.alert_silences (coalesce(org_id, '*'), closes_at);
create index alert_silences_closing on analytics.alert_silences (closes_at) where closes_at is not null;

alter table analytics.alert_transitions add column silence text;
comment on column analytics.alert_transitions.silence is 'The silence that kept people from being told: its name, or its reason';

-- Down Migration

alter table analytics.alert_transitions drop column silence;
drop table analytics.alert_silences;
