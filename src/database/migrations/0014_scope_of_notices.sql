-- Up Migration

-- A message is of the org of its rule, whatever org the alert is about: by it are those found who are told, and the
-- destinations that the rule names. It used to be that of the group, for rules over all orgs.
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
