-- Up Migration

-- When the recipients of a failed critical SMS were notified through another channel, or when none was found.
alter table analytics.notification_outbox add column other_way_at timestamptz;
-- Read every second to find messages that have waited too long. It is almost always empty.
create index notification_outbox_critical_sms on analytics.notification_outbox (detected_at)
  where channel = 'sms' and severity = 'critical' and other_way_at is null and status in ('waiting', 'leased');

-- Down Migration

drop index analytics.notification_outbox_critical_sms;
alter table analytics.notification_outbox drop column other_way_at;
