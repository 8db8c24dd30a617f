-- Up Migration

-- Prices of model calls whose events have no cost. They share nothing with prices of ML jobs but a provider and dates:
-- these are for a model and a service tier, and have rates for cached tokens and tiers by the length of the prompt.
create table analytics.model_prices (
  price_id bigint generated always as identity primary key,
  -- In lower case, as in events.
  provider text collate "C" not null,
  model text collate "C" not null,
  service_tier text collate "C",
  effective_from timestamptz not null,
  effective_to timestamptz,
  -- Dollars, by the names of src/prices/models/model-price.ts.
  rates jsonb not null,
  changed_at timestamptz not null,
  changed_by text not null,
  check (effective_to > effective_from),
  unique nulls not distinct (provider, model, service_tier, effective_from)
);

-- Down Migration

drop table analytics.model_prices;
