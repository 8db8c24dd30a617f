-- Up Migration

-- Destinations that refused a notice because they got too many (429), for all processes that send.
create table analytics.notification_pace (
  channel text not null,
  org_id text collate "C" not null,
  recipient text collate "C" not null,
  opens_at timestamptz not null,
  next_at timestamptz not null,
  spacing_ms integer not null default 0 check (spacing_ms >= 0),
  accepted integer not null default 0,
  refused_at timestamptz not null,
  primary key (channel, org_id, recipient)
);
comment on table analytics.notification_pace is 'How fast a destination takes notices that has refused some; recipient *: every recipient of the channel';
comment on column analytics.notification_pace.opens_at is 'When the pause ends that its last refusal asked for';
comment on column analytics.notification_pace.next_at is 'Before this time nothing is sent to it';
comment on column analytics.notification_pace.spacing_ms is 'Milliseconds from one notice to the next; 0: not known yet';
comment on column analytics.notification_pace.accepted is 'Notices that it took since opens_at';

-- Destinations in PagerDuty, Microsoft Teams and Discord are kept beside webhooks. For PagerDuty the secret is the routing key.
alter table analytics.webhook_endpoints
  add column kind text collate "C" not null default 'webhook'
    check (kind in ('webhook', 'pagerduty', 'teams', 'discord'));

-- timezone: the zone of the times in messages to the person or team; null: that of the quiet hours, or UTC.
alter table analytics.notification_preferences
  add column pagerduty text,
  add column teams text,
  add column discord text,
  add column timezone text;

alter table analytics.notification_outbox
  drop constraint notification_outbox_channel_check,
  add constraint notification_outbox_channel_check
    check (channel in ('email', 'slack', 'in_app', 'sms', 'webhook', 'pagerduty', 'teams', 'discord'));

-- Down Migration

delete from analytics.notification_outbox where channel in ('pagerduty', 'teams', 'discord');
alter table analytics.notification_outbox
  drop constraint notification_outbox_channel_check,
  add constraint notification_outbox_channel_check
    check (channel in ('email', 'slack', 'in_app', 'sms', 'webhook'));
alter table analytics.notification_preferences
  drop column timezone, drop column discord, drop column teams, drop column pagerduty;
delete from analytics.webhook_endpoints where kind <> 'webhook';
alter table analytics.webhook_endpoints drop column kind;


drop table analytics.notification_pace;
