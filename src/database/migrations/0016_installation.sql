-- Up Migration

-- Which installation the database is of. What its processes keep in a Redis, which others may use too, is named by it.
create table analytics.installation (
  id uuid not null default gen_random_uuid(),
  only_row boolean primary key default true check (only_row)
);
insert into analytics.installation default values;

-- Down Migration

drop table analytics.installation;
