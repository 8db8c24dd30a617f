-- Up Migration

-- The id of the installation. It is the prefix of keys in Redis, which other installations may share.
create table analytics.installation (
  id uuid not null default gen_random_uuid(),
  only_row boolean primary key default true check (only_row)
);
insert into analytics.installation default values;

-- Down Migration

drop table analytics.installation;
