-- Up Migration

-- Alert rules: each of an org, or of all orgs together.
create table analytics.alert_configs (
  id uuid primary key default gen_random_uuid(),
  -- Null: all orgs together.
  org_id text collate "C",
  name text not null,
  rule jsonb not null,
  -- Copied from the rule, for lists and for the claim.
  metric text not null,
  severity text not null,
  enabled boolean not null,
  on_data boolean not null,
  interval_seconds integer not null,
  -- No notices are sent before this moment. Alerts that still fire then are notified.
  silenced_until timestamptz,
  version integer not null default 1,
  created_at timestamptz not null,
  created_by text not null,
  updated_at timestamptz not null,
  updated_by text not null,
  next_evaluation_at timestamptz not null,
  last_evaluated_at timestamptz,
  -- Consecutive failed evaluations, and the last error.
  failures integer not null default 0,
  failure text,
  -- Name of a built-in rule, which watches Tidemark itself.
  built_in text collate "C"
);
-- Two indexes, because one unique index treats nulls as distinct.
create unique index alert_configs_name on analytics.alert_configs (org_id, name) where org_id is not null;
create unique index alert_configs_name_of_all on analytics.alert_configs (name) where org_id is null;
create unique index alert_configs_built_in on analytics.alert_configs (built_in) where built_in is not null;
create index alert_configs_due on analytics.alert_configs (next_evaluation_at) where enabled;
comment on column analytics.alert_configs.next_evaluation_at is 'Due from then on. Evaluators claim due rows for update skip locked';

-- The state of each group of a config. Only the decision reads and writes the column `state`.
create table analytics.alert_states (
  config_id uuid not null references analytics.alert_configs (id) on delete cascade,
  -- The group's dimensions as JSON in one order; '{}' if the rule does not group.
  group_key text collate "C" not null,
  condition text collate "C" not null check (condition in ('normal', 'pending', 'firing', 'recovering')),
  health text collate "C" not null check (health in ('ok', 'no_data', 'error')),
  state jsonb not null,
  -- The open alert, if any.
  alert_id uuid,
  last_value double precision,
  last_seen_at timestamptz,
  evaluated_at timestamptz not null,
  primary key (config_id, group_key)
) with (fillfactor = 70);

-- One row for each alert: a group of a config from firing until resolved. It stays when its config is deleted.
create table analytics.alert_history (
  id uuid primary key default gen_random_uuid(),
  config_id uuid not null,
  -- Null for a rule over all orgs that is not grouped by org.
  org_id text collate "C",
  -- Whether the rule is over all orgs. Members of the org do not see such alerts.
  all_orgs boolean not null,
  group_key text collate "C" not null,
  name text not null,
  metric text not null,
  severity text collate "C" not null check (severity in ('info', 'warning', 'critical')),
  -- The rule as it was when it fired.
  rule jsonb not null,
  -- When the condition was first true, when the alert fired, and when it resolved.
  pending_at timestamptz not null,
  triggered_at timestamptz not null,
  resolved_at timestamptz,
  resolved_by text,
  workflow text collate "C" not null default 'open' check (workflow in ('open', 'acknowledged', 'resolved')),
  acknowledged_at timestamptz,
  acknowledged_by text,
  note text,
  -- The value that it fired on.
  value double precision,
  threshold double precision not null,
  window_seconds integer not null,
  samples bigint not null,
  evidence jsonb not null,
  check ((resolved_at is null) = (workflow <> 'resolved'))
);
create index alert_history_org on analytics.alert_history (org_id, triggered_at desc, id desc);
create index alert_history_time on analytics.alert_history (triggered_at desc, id desc);
create index alert_history_config on analytics.alert_history (config_id, group_key, triggered_at desc);
create index alert_history_open on analytics.alert_history (triggered_at desc, id desc) where resolved_at is null;
comment on column analytics.alert_history.evidence is 'What the decision was made on: reason, baseline, previous value, window';

-- The transitions of alerts, in order. Their recipients are in the outbox.
create table analytics.alert_transitions (
  id bigint generated always as identity primary key,
  alert_id uuid not null references analytics.alert_history (id) on delete cascade,
  config_id uuid not null,
  at timestamptz not null,
  transition text collate "C" not null
    check (transition in ('firing', 'told', 'still_firing', 'escalated', 'acknowledged', 'unacknowledged', 'resolved')),
  -- The name of the decision's reason.
  reason text collate "C" not null,
  -- Kind of the notice, if one is sent.
  notice text collate "C" check (notice in ('firing', 'still_firing', 'escalated', 'resolved')),
  -- Why no notice is sent.
  suppressed_by text collate "C" check (suppressed_by in ('cooldown', 'silence', 'catch_up', 'acknowledged', 'untold')),
  value double precision,
  actor_id text,
  note text,
  -- When it was stored as an `alert` event; null before.
  event_recorded_at timestamptz
);
create index alert_transitions_alert on analytics.alert_transitions (alert_id, id);
create index alert_transitions_unrecorded on analytics.alert_transitions (id) where event_recorded_at is null;
comment on column analytics.alert_transitions.transition is 'told: people are told late of what fired while it was suppressed';

-- Messages to send: one for each transition, channel and recipient, written in the transaction of the transition. The
-- sender leases a message, reads the alert again, and sends outside any transaction.
create table analytics.notification_outbox (
  id bigint generated always as identity primary key,
  -- Null for a message without an alert, such as a test.
  alert_id uuid,
  transition_id bigint,
  -- Kind of the message: the alert fires, still fires, has escalated, or is resolved.
  notice text collate "C" not null check (notice in ('firing', 'still_firing', 'escalated', 'resolved', 'test')),
  org_id text collate "C",
  channel text collate "C" not null check (channel in ('email', 'slack', 'in_app', 'sms', 'webhook')),
  -- An address, a number, a user id or the name of a destination. 'default' is resolved by preferences when sent.
  recipient text not null,
  severity text collate "C" not null check (severity in ('info', 'warning', 'critical')),
  -- Everything that a message shows: name, metric, group, value, threshold, window, samples, baseline, times.
  payload jsonb not null,
  status text collate "C" not null default 'waiting'
    check (status in ('waiting', 'leased', 'sent', 'dead', 'cancelled')),
  -- When the engine detected it. The 30-second target is measured from here.
  detected_at timestamptz not null,
  created_at timestamptz not null default clock_timestamp(),
  not_before timestamptz not null,
  attempts integer not null default 0,
  leased_by text,
  leased_until timestamptz,
  sent_at timestamptz,
  -- Whether the provider may have accepted the message although its answer was lost.
  ambiguous boolean not null default false,
  -- The provider's id of the message.
  provider_id text,
  failure text
);
create unique index notification_outbox_once on analytics.notification_outbox (transition_id, channel, recipient)
  where transition_id is not null;
create index notification_outbox_waiting on analytics.notification_outbox (not_before) where status in ('waiting', 'leased');
create index notification_outbox_alert on analytics.notification_outbox (alert_id);
comment on column analytics.notification_outbox.recipient is 'default is expanded by the sender, by preferences and routing';

-- In-app notices.
create table analytics.in_app_notifications (
  id bigint generated always as identity primary key,
  alert_id uuid,
  transition_id bigint,
  notice text collate "C" not null,
  org_id text collate "C",
  -- A user id, or '*' for everybody who may read the alerts of the org (or of all orgs, if it has none).
  recipient text collate "C" not null,
  severity text collate "C" not null,
  payload jsonb not null,
  created_at timestamptz not null
);
create unique index in_app_notifications_once on analytics.in_app_notifications (transition_id, recipient)
  where transition_id is not null;
create index in_app_notifications_org on analytics.in_app_notifications (org_id, id desc);

create table analytics.in_app_reads (
  user_id text collate "C" not null,
  notification_id bigint not null references analytics.in_app_notifications (id) on delete cascade,
  read_at timestamptz not null,
  primary key (user_id, notification_id)
);

-- The object of the action, before and after.
alter table analytics.audit_log add column before jsonb, add column after jsonb;

-- Down Migration

alter table analytics.audit_log drop column before, drop column after;
drop table analytics.in_app_reads;
drop table analytics.in_app_notifications;
drop table analytics.notification_outbox;
drop table analytics.alert_transitions;
drop table analytics.alert_history;
drop table analytics.alert_states;
drop table analytics.alert_configs;
