-- The role that Grafana reads Tidemark with: it may run four functions, and read no table. It reads the numbers of all
-- orgs, so give its data source to people who may see them all. Run it once, as a superuser:
--
--   psql "$DATABASE_URL" --set=password="$(openssl rand -hex 24)" --file=deploy/grafana/reader.sql
--
-- Before the first start of Tidemark it creates the role alone, and the start grants the functions. Without a variable
-- the password comes from the environment, as TIDEMARK_READER_PASSWORD.

\if :{?password}
\else
  \getenv password TIDEMARK_READER_PASSWORD
\endif

create role tidemark_reader login password :'password' connection limit 10;

-- A dashboard that somebody leaves open must not hold up the service.
alter role tidemark_reader set statement_timeout = '20s';
alter role tidemark_reader set idle_in_transaction_session_timeout = '20s';
alter role tidemark_reader set default_transaction_read_only = on;
alter role tidemark_reader set jit = off;

grant connect on database :"DBNAME" to tidemark_reader;

do $$
begin
  if to_regprocedure('analytics.usage_orgs()') is not null then
    grant usage on schema analytics to tidemark_reader;
    grant execute on function
      analytics.usage_series(text, timestamptz, timestamptz, interval, text[]),
      analytics.reliability_series(text, timestamptz, timestamptz, interval, text[], boolean),
      analytics.org_freshness(text),
      analytics.usage_orgs()
    to tidemark_reader;
  end if;
end
$$;
