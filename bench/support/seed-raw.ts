import type { Pool } from 'pg';
import { dimensionColumns } from '../../src/events/columns.ts';

/**
 * Stores raw events of the seeded series as one batch, bypassing ingestion. `rolledUp` is the state of the batch. Resolves
 * to its id.
 */
export async function storeRawEvents(
  pool: Pool,
  count: number,
  range: { from: number; to: number },
  { rolledUp }: { rolledUp: boolean },
): Promise<number> {
  const { rows } = await pool.query<{ batch_id: number }>(
    `select nextval('analytics.batch_ids') as batch_id`,
  );
  const batchId = rows[0]?.batch_id ?? 0;
  const times = [new Date(range.from), new Date(range.to)];
  const dimensions = dimensionColumns.join(', ');
  await pool.query(
    `with drawn as materialized (
       select floor(random() * (select count(*) from bench.places))::int as place,
         $1::timestamptz + random() * ($2::timestamptz - $1::timestamptz) as occurred_at,
         sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()) as deviation
       from generate_series(1, $3)
     ),
     measured as materialized (
       select p.*, occurred_at,
         case when sketched then round(1000 * exp(5.5 + 0.05 * shape + 0.6 * deviation))::bigint
           when type like 'order%' then 9900000 + floor(100 * random())::bigint * 1000000 end as value
       from drawn join bench.places p using (place)
     )
     insert into analytics.events (
       org_id, event_id, type, occurred_at, ${dimensions}, order_id, customer_id, session_id, value, value_bin,
       input_tokens, output_tokens, quantity, cost, correlation_id, series_id, received_at, batch_id)
     select org_id, gen_random_uuid(), type, occurred_at, ${dimensions},
       case when type like 'order%' then 'order-' || floor(1e9 * random())::int end,
       case when type like 'order%' then 'customer-' || floor(20000 * random())::int end,
       case when type = 'storefront' then 'session-' || floor(1e6 * random())::int end,
       value, case when sketched then ceil(ln(value) / ln(1.02))::smallint end,
       case when type = 'usage' then floor(2000 * random())::int end,
       case when type = 'usage' then floor(800 * random())::int end,
       case when type like 'order%' then 2 when type = 'inventory' then floor(50 * random())::int end,
       case when type in ('usage', 'ml_job') then floor(10000 * random())::int end,
       'bench', series_id, now(), $4
     from measured`,
    [...times, count, batchId],
  );
  await pool.query(
    `insert into analytics.ingestion_batches (
       batch_id, source, org_ids, types, received, stored, duplicates, conflicts, rejected, late,
       occurred_from, occurred_to, started_at, completed_at, rolled_up_at)
     select $1, 'bench', (select array_agg(distinct org_id) from bench.series where o >= 0),
       (select array_agg(distinct type) from bench.series), $2, $2, 0, 0, 0, true,
       $3, $4, now(), now(), case when $5 then now() end`,
    [batchId, count, ...times, rolledUp],
  );
  return batchId;
}
