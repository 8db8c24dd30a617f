-- Up Migration

-- Other names of providers and models, under which calls are priced. Every process that takes in events reads the whole
-- table after a change.
create table analytics.model_aliases (
  alias_id bigint generated always as identity primary key,
  -- As calls name it, in lower case.
  provider text collate "C" not null,
  -- Null: all models of the provider that have no price of their own there.
  model text collate "C",
  -- Whose prices are used.
  as_provider text collate "C" not null,
  -- Null: the model of the same name.
  as_model text collate "C",
  changed_at timestamptz not null,
  changed_by text not null,
  check (as_model is null or model is not null),
  unique nulls not distinct (provider, model)
);

-- Down Migration

drop table analytics.model_aliases;
