-- Up Migration

-- Prices of ML jobs whose events have no cost. A price is valid from its start until its end, or until the next price
-- of the same scope starts. A change of a price does not change jobs that are counted already.
create table analytics.prices (
  price_id bigint generated always as identity primary key,
  provider text collate "C" not null,
  pipeline text collate "C",
  operation text collate "C",
  effective_from timestamptz not null,
  effective_to timestamptz,
  cents_per_job numeric(15, 6),
  cents_per_second numeric(15, 6),
  cents_per_million_input_tokens numeric(15, 6),
  cents_per_million_output_tokens numeric(15, 6),
  changed_at timestamptz not null,
  changed_by text not null,
  check (operation is null or pipeline is not null),
  check (effective_to > effective_from),
  check (
    coalesce(
      cents_per_job, cents_per_second, cents_per_million_input_tokens, cents_per_million_output_tokens) is not null
  ),
  unique nulls not distinct (provider, pipeline, operation, effective_from)
);

alter table analytics.events add column cost_source text collate "C";
alter table analytics.series add column cost_source text collate "C";
comment on column analytics.events.cost_source is 'Where the cost of an ML job is from: given, table or none';

update analytics.events set cost_source = case when cost is null then 'none' else 'given' end
where type = 'ml_job';
update analytics.series s set cost_source = case
    when exists (
      select from analytics.rollups r
      where r.org_id = s.org_id and r.type = s.type and r.series_id = s.series_id and r.cost is not null
    ) then 'given' else 'none' end
where type = 'ml_job';

-- Down Migration

alter table analytics.series drop column cost_source;
alter table analytics.events drop column cost_source;
drop table analytics.prices;
