-- Up Migration

-- A preference belongs to one org and a person or team of it. Equal names in two orgs have nothing to do with each other.
alter table analytics.notification_preferences
  drop constraint notification_preferences_pkey,
  -- Org of the alerts; '*' for alerts over all orgs.
  add column org_id text collate "C";
insert into analytics.notification_preferences
  (org_id, kind, id, orgs, email, phone, slack, webhook, channels, quiet_hours, version, updated_at, updated_by)
select distinct on (org, kind, id)
  org, kind, id, orgs, email, phone, slack, webhook, channels, quiet_hours, version, updated_at, updated_by
from analytics.notification_preferences, unnest(orgs) as org;
delete from analytics.notification_preferences where org_id is null;
alter table analytics.notification_preferences
  drop column orgs,
  add primary key (org_id, kind, id);

-- What an org has used of each daily quota.
create table analytics.quota_days (
  org_id text collate "C" not null,
  quota text collate "C" not null,
  -- A UTC day.
  day date not null,
  used bigint not null,
  primary key (day, org_id, quota)
);

-- The orgs that use at least half of a quota, as the last measurement found them.
create table analytics.quota_use (
  quota text collate "C" not null,
  org_id text collate "C" not null,
  used bigint not null,
  -- 1: all of it.
  share double precision not null,
  primary key (quota, org_id)
);

-- Down Migration

drop table analytics.quota_use;
drop table analytics.quota_days;

-- One preference for all orgs of the name: the one that was changed last.
alter table analytics.notification_preferences
  drop constraint notification_preferences_pkey,
  add column orgs text[];
update analytics.notification_preferences p set orgs = (
  select array_agg(o.org_id order by o.org_id) from analytics.notification_preferences o
  where o.kind = p.kind and o.id = p.id);
delete from analytics.notification_preferences p where exists (
  select from analytics.notification_preferences o
  where o.kind = p.kind and o.id = p.id and (o.updated_at, o.org_id) > (p.updated_at, p.org_id));
alter table analytics.notification_preferences
  alter column orgs set not null,
  drop column org_id,
  add primary key (kind, id);
