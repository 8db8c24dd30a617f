-- Up Migration

-- An alert that nobody has acknowledged in time is told to further recipients, and people learn who acknowledged it.
alter table analytics.alert_states add column escalates_at timestamptz;
comment on column analytics.alert_states.escalates_at is 'When the next step of the escalation is due, or is to be looked at again';
create index alert_states_escalates_at on analytics.alert_states (escalates_at) where escalates_at is not null;

alter table analytics.alert_transitions
  drop constraint alert_transitions_transition_check,
  drop constraint alert_transitions_notice_check;
alter table analytics.alert_transitions
  add constraint alert_transitions_transition_check check (transition in (
    'firing', 'told', 'still_firing', 'escalated', 'escalation_step', 'acknowledged', 'unacknowledged', 'resolved')),
  add constraint alert_transitions_notice_check check (notice in (
    'firing', 'still_firing', 'escalated', 'escalation_step', 'acknowledged', 'unacknowledged', 'resolved'));

alter table analytics.notification_outbox drop constraint notification_outbox_notice_check;
alter table analytics.notification_outbox add constraint notification_outbox_notice_check
  check (notice in ('firing', 'still_firing', 'escalated', 'escalation_step', 'acknowledged', 'unacknowledged', 'resolved',
    'test', 'month_closed', 'month_failed', 'rule_failing', 'rule_evaluated'));

alter table analytics.notification_outbox drop constraint notification_outbox_cancelled_for_check;
alter table analytics.notification_outbox add constraint notification_outbox_cancelled_for_check
  check (cancelled_for in ('acknowledged', 'gone', 'nobody', 'over', 'overtaken', 'own', 'untold'));

-- A rule that cannot be evaluated is told to its own recipients.
alter table analytics.alert_configs
  add column failing_since timestamptz,
  add column failing_told boolean not null default false;
comment on column analytics.alert_configs.failing_since is 'The first failure of those in a row; null: the last evaluation succeeded';
comment on column analytics.alert_configs.failing_told is 'Whether its recipients were told that it cannot be evaluated, and not yet that it can';

-- Down Migration

alter table analytics.alert_configs drop column failing_told, drop column failing_since;
update analytics.notification_outbox set cancelled_for = 'untold' where cancelled_for = 'own';
alter table analytics.notification_outbox drop constraint notification_outbox_cancelled_for_check;
alter table analytics.notification_outbox add constraint notification_outbox_cancelled_for_check
  check (cancelled_for in ('acknowledged', 'gone', 'nobody', 'over', 'overtaken', 'untold'));

delete from analytics.notification_outbox
  where notice in ('escalation_step', 'acknowledged', 'unacknowledged', 'rule_failing', 'rule_evaluated');
delete from analytics.in_app_notifications
  where notice in ('escalation_step', 'acknowledged', 'unacknowledged', 'rule_failing', 'rule_evaluated');
alter table analytics.notification_outbox drop constraint notification_outbox_notice_check;
alter table analytics.notification_outbox add constraint notification_outbox_notice_check
  check (notice in ('firing', 'still_firing', 'escalated', 'resolved', 'test', 'month_closed', 'month_failed'));

delete from analytics.alert_transitions where transition = 'escalation_step';
update analytics.alert_transitions set notice = null where notice in ('acknowledged', 'unacknowledged');
alter table analytics.alert_transitions
  drop constraint alert_transitions_transition_check,
  drop constraint alert_transitions_notice_check;
alter table analytics.alert_transitions
  add constraint alert_transitions_transition_check check (transition in (
    'firing', 'told', 'still_firing', 'escalated', 'acknowledged', 'unacknowledged', 'resolved')),
  add constraint alert_transitions_notice_check check (notice in ('firing', 'still_firing', 'escalated', 'resolved'));

drop index analytics.alert_states_escalates_at;
alter table analytics.alert_states drop column escalates_at;
