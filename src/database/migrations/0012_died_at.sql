-- Up Migration

-- When a message was given up: it may have been due long before.
alter table analytics.notification_outbox add column died_at timestamptz;

-- Down Migration

alter table analytics.notification_outbox drop column died_at;
