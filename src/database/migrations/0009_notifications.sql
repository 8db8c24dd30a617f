-- Up Migration

-- Notification preferences of a person or a team.
create table analytics.notification_preferences (
  kind text collate "C" not null check (kind in ('user', 'team')),
  id text collate "C" not null,
  -- Org of the alerts; '*' for alerts over all orgs.
  orgs text[] not null,
  email text,
  phone text,
  -- Names of destinations.
  slack text,
  webhook text,
  -- Channels by severity: {"info": ["in_app"], …}.
  channels jsonb not null,
  -- {"from": "22:00", "to": "07:00", "timezone": "Europe/Berlin"}; null for none.
  quiet_hours jsonb,
  version integer not null default 1,
  updated_at timestamptz not null,
  updated_by text not null,
  primary key (kind, id)
);

-- Destinations of webhooks. The secret signs requests, and is shown only when it is created.
create table analytics.webhook_endpoints (
  -- An org, or '*' for alerts over all orgs.
  org_id text collate "C" not null,
  name text collate "C" not null,
  url text not null,
  secret text not null,
  created_at timestamptz not null,
  created_by text not null,
  primary key (org_id, name)
);

-- Keys that all processes of the service share. Each is created at its first use.
create table analytics.signing_keys (
  purpose text collate "C" primary key,
  key bytea not null check (octet_length(key) = 32)
);

alter table analytics.notification_outbox
  drop constraint notification_outbox_status_check,
  add constraint notification_outbox_status_check
    check (status in ('waiting', 'leased', 'sent', 'dead', 'cancelled', 'expanded')),
  -- The failed message that this one replaces.
  add column stands_in_for bigint;
create index notification_outbox_recipient on analytics.notification_outbox (alert_id, channel, recipient, id);
create index notification_outbox_dead on analytics.notification_outbox (id) where status = 'dead';

-- Down Migration

drop index analytics.notification_outbox_dead;
drop index analytics.notification_outbox_recipient;
update analytics.notification_outbox set status = 'cancelled' where status = 'expanded';
alter table analytics.notification_outbox
  drop constraint notification_outbox_status_check,
  add constraint notification_outbox_status_check
    check (status in ('waiting', 'leased', 'sent', 'dead', 'cancelled')),
  drop column stands_in_for;
drop table analytics.signing_keys;
drop table analytics.webhook_endpoints;
drop table analytics.notification_preferences;
