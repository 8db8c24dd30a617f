-- Up Migration

-- Tokens of a subject or an org that are no longer accepted. Every process reads the whole table every few seconds.
create table analytics.token_revocations (
  kind text collate "C" not null check (kind in ('subject', 'org')),
  name text collate "C" not null,
  issued_up_to timestamptz not null,
  revoked_by text collate "C" not null,
  primary key (kind, name)
);
comment on column analytics.token_revocations.issued_up_to is 'Tokens issued up to this time are refused, and those that do not say when they were issued';

-- Down Migration

drop table analytics.token_revocations;
