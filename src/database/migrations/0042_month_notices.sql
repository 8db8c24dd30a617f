-- Up Migration

-- Whom a schedule tells that a month is closed, or that it fails.
alter table analytics.export_schedules add column notify jsonb not null default '[]';
comment on column analytics.export_schedules.notify is 'Channels and recipients, as those of an alert rule';

alter table analytics.notification_outbox drop constraint notification_outbox_notice_check;
alter table analytics.notification_outbox add constraint notification_outbox_notice_check
  check (notice in ('firing', 'still_firing', 'escalated', 'resolved', 'test', 'month_closed', 'month_failed'));

-- Down Migration

delete from analytics.notification_outbox where notice in ('month_closed', 'month_failed');
delete from analytics.in_app_notifications where notice in ('month_closed', 'month_failed');
alter table analytics.notification_outbox drop constraint notification_outbox_notice_check;
alter table analytics.notification_outbox add constraint notification_outbox_notice_check
  check (notice in ('firing', 'still_firing', 'escalated', 'resolved', 'test'));
alter table analytics.export_schedules drop column notify;
