-- Up Migration

-- When those behind a critical SMS were told another way, or it was found that there is none.
alter table analytics.notification_outbox add column other_way_at timestamptz;
-- Looked at every second for those that have waited for too long; hardly ever holds any.
create index notification_outbox_critical_sms on analytics.notification_outbox (detected_at)
  where channel = 'sms' and severity = 'critical' and other_way_at is null and status in ('waiting', 'leased');

-- Down Migration

drop index analytics.notification_outbox_critical_sms;
alter table analytics.notification_outbox drop column other_way_at;
