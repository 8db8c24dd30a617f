-- Up Migration

-- The name of the reason why a message was cancelled; `failure` has it in words. Messages that an acknowledgement
-- cancelled are restored when it is taken back.
alter table analytics.notification_outbox add column cancelled_for text collate "C"
  check (cancelled_for in ('acknowledged', 'gone', 'nobody', 'over', 'overtaken', 'untold'));
update analytics.notification_outbox set cancelled_for = 'acknowledged'
where status = 'cancelled' and failure like '% acknowledged the alert before it was sent';

-- Down Migration

alter table analytics.notification_outbox drop column cancelled_for;
