-- Up Migration

-- A batch knows how many rows of events it stored, and a fold how many rollups it wrote. Work whose rows are not all
-- there is put off until they are: on Citus the coordinator's row can be seen before the rows on the nodes.
alter table analytics.ingestion_batches add column rows integer;
alter table analytics.ingestion_batches add column retry_at timestamptz;
comment on column analytics.ingestion_batches.rows is 'Rows of events that it stored, order lines among them; null: unknown, and taken as complete';
comment on column analytics.ingestion_batches.retry_at is 'Set when its rows were not all there: the roll-up leaves it alone until then';

-- The count of an earlier release may be of before a rebuild.
alter table analytics.folds alter column rows drop default;
alter table analytics.folds alter column rows drop not null;
update analytics.folds set rows = null where consumed_at is null;
alter table analytics.folds add column retry_at timestamptz;
comment on column analytics.folds.rows is 'Rollups that it wrote; null: unknown, and taken as complete';
comment on column analytics.folds.retry_at is 'Set when its rows were not all there: promotion leaves it alone until then';

-- Down Migration

alter table analytics.folds drop column retry_at;
update analytics.folds set rows = 0 where rows is null;
alter table analytics.folds alter column rows set not null;
alter table analytics.folds alter column rows set default 0;
comment on column analytics.folds.rows is null;
alter table analytics.ingestion_batches drop column retry_at;
alter table analytics.ingestion_batches drop column rows;
