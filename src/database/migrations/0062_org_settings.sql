-- Up Migration

-- What an org has set for itself. '*' is for rules over all orgs.
create table analytics.org_settings (
  org_id text primary key,
  timezone text,
  updated_at timestamptz not null,
  updated_by text not null
);
comment on table analytics.org_settings is 'What an org has set for itself; * is for rules over all orgs';
comment on column analytics.org_settings.timezone is 'The IANA zone of rules and recipients that name none; null: UTC';

-- Down Migration

drop table analytics.org_settings;
