-- The role that Grafana reads Tidemark with: it may run four functions, and read no table. It reads the numbers of all
-- orgs, so give the data source to people who may see them all. Run it once, as a superuser or as a role that may
-- create roles and owns the schema `analytics`, after the first start of Tidemark:
--
--   psql "$DATABASE_URL" --set=password="$(openssl rand -hex 24)" --file=deploy/grafana/reader.sql
--
-- Where the role is there before the first start, Tidemark grants it the functions by itself.

create role tidemark_reader login password :'password' connection limit 10;

-- A dashboard that somebody leaves open must not hold up the service.
alter role tidemark_reader set statement_timeout = '20s';
alter role tidemark_reader set idle_in_transaction_session_timeout = '20s';
alter role tidemark_reader set default_transaction_read_only = on;
alter role tidemark_reader set jit = off;

grant connect on database :"DBNAME" to tidemark_reader;
grant usage on schema analytics to tidemark_reader;
grant execute on function
  analytics.usage_series(text, timestamptz, timestamptz, interval, text[]),
  analytics.reliability_series(text, timestamptz, timestamptz, interval, text[], boolean),
  analytics.org_freshness(text),
  analytics.usage_orgs()
to tidemark_reader;
