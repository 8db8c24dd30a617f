-- Up Migration

alter table analytics.notification_outbox
  add column told_with bigint,
  add column alone boolean not null default false;
comment on column analytics.notification_outbox.told_with is 'The first message of the delivery that told this one, alone or with others';
comment on column analytics.notification_outbox.alone is 'Told by itself, because a delivery with others was refused for good';
-- Whether a recipient was told something within the last seconds.
create index notification_outbox_sent_to on analytics.notification_outbox
  (channel, recipient, coalesce(org_id, '*'), sent_at) where status = 'sent';
create index notification_outbox_told_with on analytics.notification_outbox (told_with) where told_with <> id;

-- Down Migration

drop index analytics.notification_outbox_told_with;
drop index analytics.notification_outbox_sent_to;
alter table analytics.notification_outbox drop column alone, drop column told_with;
