-- Up Migration

-- The org of a message is that of its rule, whatever org the alert is about. Recipients and destinations are found by it.
-- For rules over all orgs it was that of the group before.
update analytics.notification_outbox o set org_id = null
from analytics.alert_history h where h.id = o.alert_id and h.all_orgs and o.org_id is not null;
update analytics.in_app_notifications n set org_id = null
from analytics.alert_history h where h.id = n.alert_id and h.all_orgs and n.org_id is not null;
comment on column analytics.notification_outbox.org_id is 'Of the rule; null: of one over all orgs';
comment on column analytics.in_app_notifications.org_id is 'Of the rule; null: of one over all orgs';

-- Down Migration

comment on column analytics.in_app_notifications.org_id is null;
comment on column analytics.notification_outbox.org_id is null;
update analytics.in_app_notifications n set org_id = h.org_id
from analytics.alert_history h where h.id = n.alert_id and h.all_orgs;
update analytics.notification_outbox o set org_id = h.org_id
from analytics.alert_history h where h.id = o.alert_id and h.all_orgs;
