import type { Agent } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Pool } from 'pg';
import { addMonths, monthStart } from '../../src/exports/periods/month.ts';
import { DAY, SECOND } from '../../src/time.ts';
import { call } from './call.ts';
import { progress } from './progress.ts';
import type { Service } from './service.ts';

const ORGS = 250;
const MODELS = 20;
const CLIENTS = 3;

/** What the exports of a month came to. */
export interface FocusMonth {
  orgs: number;
  rows: number;
  seconds: number;
}

/** The last month, of which all days are over. */
function lastMonth(): { start: number; end: number } {
  const end = monthStart(Date.now());
  return { start: addMonths(end, -1), end };
}

/** Rollups by day of last month, as they are after compaction, and the books of its raw events. */
async function seed(pool: Pool): Promise<void> {
  const { start, end } = lastMonth();
  await pool.query(
    `insert into analytics.series (org_id, type, series_key, model_id, client_id, status, platform_series_id)
     select 'focus-' || o, 'usage', 'model-' || m || ' client-' || c, 'model-' || m, 'client-' || c, 'success', 1
     from generate_series(1, $1::int) as o, generate_series(1, $2::int) as m, generate_series(1, $3::int) as c`,
    [ORGS, MODELS, CLIENTS],
  );
  await pool.query(
    `with fold as (
       insert into analytics.folds (grain, bucket_from, bucket_to, consumed_at, compacted)
       values ('day', $1, $2, now(), true) returning fold_id)
     insert into analytics.rollups (grain, org_id, type, series_id, bucket_start, fold_id, count, value_sum, input_tokens,
       output_tokens, cached_input_tokens, cost, last_event_at)
     select 'day', s.org_id, s.type, s.series_id, day, fold.fold_id, n, n * 900000, n * 1000, n * 300, n * 100,
       n * 1234567, day
     from fold, analytics.series s, generate_series($1::timestamptz, $2::timestamptz - interval '1 day', interval '1 day') as day,
       lateral (select 1 + s.series_id % 97 as n) as count
     where s.org_id like 'focus-%'`,
    [new Date(start), new Date(end)],
  );
  await pool.query(
    `insert into analytics.daily_books
     select r.org_id, r.type, r.bucket_start, sum(r.count), 0, 0, sum(r.value_sum), sum(r.input_tokens),
       sum(r.cached_input_tokens), sum(r.output_tokens), sum(r.cost)
     from analytics.rollups r where r.grain = 'day' and r.org_id like 'focus-%' group by 1, 2, 3`,
  );
  await pool.query(
    `insert into analytics.booked_days
     select day, 1, 0, 0, 0, 0, 0
     from generate_series($1::timestamptz, $2::timestamptz - interval '1 day', interval '1 day') as day
     on conflict do nothing`,
    [new Date(start), new Date(end)],
  );
  await pool.query('vacuum analyze analytics.rollups, analytics.series, analytics.daily_books');
}

/** Exports last month in the columns of FOCUS for every org, as jobs that are asked for at once. */
export async function exportFocusMonth(service: Service, pool: Pool, agent: Agent): Promise<FocusMonth> {
  progress(`storing a month of ${ORGS} orgs`);
  await seed(pool);
  const { start, end } = lastMonth();
  const timeRange = { start: new Date(start).toISOString(), end: new Date(end).toISOString() };
  const body = Buffer.from(JSON.stringify({ timeRange, dataset: 'focus', formats: ['csv'] }));
  const began = performance.now();
  for (let org = 1; org <= ORGS; org++) {
    const asked = await call(service, agent, `/analytics/v1/orgs/focus-${org}/exports`, body);
    if (asked.status !== 202) throw new Error(`the export was refused: ${asked.text}`);
  }
  for (;;) {
    const { rows } = await pool.query<{ ended: number; failed: number; rows: number }>(
      `select count(*) filter (where status = 'succeeded')::int as ended,
         count(*) filter (where status = 'failed')::int as failed, sum(progress_rows)::int as rows
       from analytics.export_jobs where dataset = 'focus'`,
    );
    const [found] = rows;
    if (!found) throw new Error('a count returned no row');
    if (found.failed > 0) throw new Error(`${found.failed} exports failed`);
    if (found.ended === ORGS) {
      const expected = (ORGS * MODELS * CLIENTS * (end - start)) / DAY;
      if (found.rows !== expected) throw new Error(`${found.rows} rows were exported, not ${expected}`);
      return { orgs: ORGS, rows: found.rows, seconds: (performance.now() - began) / SECOND };
    }
    progress(`focus: ${found.ended} of ${ORGS} orgs`);
    await wait(100);
  }
}
