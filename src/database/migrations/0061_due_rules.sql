-- Up Migration

-- A rule that failed because its source was away is due as soon as the source answers again.
alter table analytics.alert_configs add column source_away boolean not null default false;
comment on column analytics.alert_configs.source_away is 'Whether the last evaluation failed because Prometheus did not answer anything';
create index alert_configs_source_away on analytics.alert_configs (next_evaluation_at) where source_away;

-- The rules of the org whose turn it is, without a look at those of all others that are due.
create index alert_configs_due_by_owner on analytics.alert_configs (coalesce(org_id, '*'), next_evaluation_at) where enabled;

-- Down Migration

drop index analytics.alert_configs_due_by_owner;
drop index analytics.alert_configs_source_away;
alter table analytics.alert_configs drop column source_away;
