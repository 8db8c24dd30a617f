-- Up Migration

-- When a message was given up, which may be long after it was due.
alter table analytics.notification_outbox add column died_at timestamptz;

-- Down Migration

alter table analytics.notification_outbox drop column died_at;
