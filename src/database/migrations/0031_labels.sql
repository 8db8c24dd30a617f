-- Up Migration

alter table analytics.events add column labels jsonb;
comment on column analytics.events.labels is 'All labels that were sent, by key';
alter table analytics.series add column labels jsonb;
comment on column analytics.series.labels is 'The labels that were dimensions of the org when the series was entered';

-- The labels that are dimensions of an org. Every process that takes in events reads the whole table every two seconds.
create table analytics.label_dimensions (
  org_id text collate "C" not null,
  key text collate "C" not null,
  declared_at timestamptz not null,
  ended_at timestamptz,
  primary key (org_id, key)
);
comment on column analytics.label_dimensions.declared_at is 'Events that arrived before are not told apart by the label';
comment on column analytics.label_dimensions.ended_at is 'Since then it is no dimension of new events; its numbers stay';

-- Down Migration

drop table analytics.label_dimensions;
alter table analytics.series drop column labels;
alter table analytics.events drop column labels;
