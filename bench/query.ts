/**
 * Measures the latency of queries. 13 months of rollups of 250 orgs are seeded: 40 models, 40 routes, 100 products, ML
 * jobs and orders. The service's own code folds the last seven days from raw events. Folds wait at every grain, as under
 * load. The largest org is queried over HTTP, on one connection and on fifty.
 *
 * The comparison is plain SQL over raw events for the same query. It covers only seven days, as raw events are kept no
 * longer, while our answers cover thirty. Then all is repeated with ten times as many raw events. Last comes the admin
 * API, for all orgs together and for the largest, in `support/admin-queries.ts`.
 *
 * Results: `1 conn` is the latency for one person. `50 conn` is that of fifty who query at once, without a pause, on the
 * cores that also run this benchmark. `raw / ours` compares medians. `growth` is the ratio of the medians with ten times
 * the raw events and with one. The daily usage should have a p99 of at most 25 ms and grow by at most a fifth. Each
 * query of the admin API should have a p99 below 100 ms.
 *
 * 90 days of hours and quarter-hours would be 30 million rows. So hours are seeded for the four largest orgs,
 * quarter-hours for the largest alone, and both for all orgs together. Minutes come from the raw events. With
 * `BENCH_DATABASE_URL` the seeded data stays for the next run. `BENCH_PART=org` or `admin` runs one part alone.
 */
import { Agent } from 'node:http';
import type { Pool } from 'pg';
import { createPool } from '../src/database/pool.ts';
import { bucketStart, grainNamed } from '../src/rollups/grains.ts';
import { DAY } from '../src/time.ts';
import { callOk } from './support/call.ts';
import { measureRaw, measureRepeatedly } from './support/measure.ts';
import { measureAdmin } from './support/measure-admin.ts';
import { endProgress, progress } from './support/progress.ts';
import { quantileOfSorted } from './support/quantile.ts';
import { orgName } from './support/seed-events.ts';
import {
  addRawDays,
  isSeeded,
  leaveFoldsWaiting,
  RAW_DAYS,
  recordSeeded,
  seedHistory,
  settle,
} from './support/seed-scale.ts';
import { type Service, startService } from './support/service.ts';

const RAW_EVENTS = Number(process.env.BENCH_RAW_EVENTS ?? 100_000);
const ORG = orgName(0);
interface BenchQuery {
  path: string;
  /** Over raw events, with the org as `$1` and the start as `$2`. */
  raw: string;
}

function usageFromRaw(bucket: string, group = ''): string {
  return `
  select ${bucket} as bucket${group}, count(*), sum(input_tokens), sum(output_tokens), sum(cached_input_tokens), sum(cost)
  from analytics.events where org_id = $1 and type = 'usage' and occurred_at >= $2
  group by 1${group} order by 1${group}`;
}

function reliabilityFromRaw(group = ''): string {
  return `
  select date_trunc('day', occurred_at) as bucket${group}, count(*), count(*) filter (where status <> 'success'),
    percentile_cont(array[0.5, 0.95, 0.99]) within group (order by value)
  from analytics.events where org_id = $1 and type = 'usage' and occurred_at >= $2
  group by grouping sets ((1${group}), ()) order by 1${group}`;
}

const benchQueries: Record<string, BenchQuery> = {
  'usage by day': { path: 'usage?granularity=day', raw: usageFromRaw(`date_trunc('day', occurred_at)`) },
  'usage by day and model': {
    path: 'usage?granularity=day&groupBy=model',
    raw: usageFromRaw(`date_trunc('day', occurred_at)`, ', model_id'),
  },
  'usage by hour': { path: 'usage?granularity=hour', raw: usageFromRaw(`date_trunc('hour', occurred_at)`) },
  'usage by day of Kolkata (+05:30)': {
    path: 'usage?granularity=day&timezone=Asia/Kolkata',
    raw: usageFromRaw(`date_trunc('day', occurred_at, 'Asia/Kolkata')`),
  },
  'reliability by day': { path: 'reliability?granularity=day', raw: reliabilityFromRaw() },
  'reliability by day and model': {
    path: 'reliability?granularity=day&groupBy=model',
    raw: reliabilityFromRaw(', model_id'),
  },
};

interface Measured {
  one: number[];
  fifty: number[];
  raw: number;
}

async function measure(service: Service, pool: Pool, rawFrom: number, size: string) {
  const measured = new Map<string, Measured>();
  for (const [name, { path, raw }] of Object.entries(benchQueries)) {
    progress(`${size}: ${name}`);
    const url = `/analytics/v1/orgs/${ORG}/${path}`;
    const one = await measureRepeatedly(service, () => url, 1);
    const fifty = await measureRepeatedly(service, () => url, 50);
    measured.set(name, { one, fifty, raw: await measureRaw(pool, raw, [ORG, new Date(rawFrom)]) });
  }
  return measured;
}

/** Both sides must agree on the days that have raw events. */
async function compareAnswers(service: Service, pool: Pool, rawFrom: number): Promise<void> {
  const agent = new Agent();
  interface Usage {
    series: { bucketStart: string; invocations: number }[];
  }
  const path = `/analytics/v1/orgs/${ORG}/usage?start=${new Date(rawFrom).toISOString()}`;
  const { series } = await callOk<Usage>(service, agent, path);
  const { rows } = await pool.query<{ bucket: Date; count: number }>(
    usageFromRaw(`date_trunc('day', occurred_at)`),
    [ORG, new Date(rawFrom)],
  );
  const ours = series.map(({ bucketStart: at, invocations }) => `${at} ${invocations}`);
  const theirs = rows.map(({ bucket, count }) => `${bucket.toISOString()} ${count}`);
  if (ours.join() !== theirs.join()) throw new Error(`the answers differ: ${ours} | ${theirs}`);
}

function ms(time: number): string {
  return time.toFixed(1);
}

function print(before: Map<string, Measured>, after: Map<string, Measured>): void {
  const table: Record<string, Record<string, string>> = {};
  for (const [name, then] of after) {
    const first = before.get(name);
    if (!first) continue;
    for (const [size, { one, fifty, raw }] of [
      ['1x', first],
      ['10x', then],
    ] as const) {
      table[`${name}, ${size}`] = {
        '1 conn p50': ms(quantileOfSorted(one, 0.5)),
        p99: ms(quantileOfSorted(one, 0.99)),
        '50 conn p50': ms(quantileOfSorted(fifty, 0.5)),
        'p99 ': ms(quantileOfSorted(fifty, 0.99)),
        'raw SQL': ms(raw),
        'raw / ours': (raw / quantileOfSorted(one, 0.5)).toFixed(1),
        growth:
          size === '1x' ? '' : (quantileOfSorted(one, 0.5) / quantileOfSorted(first.one, 0.5)).toFixed(2),
        'raw growth': size === '1x' ? '' : (raw / first.raw).toFixed(2),
      };
    }
  }
  console.log(`Milliseconds; ${ORG}, 30 days.`);
  console.table(table);
}

async function rowsOfOrg(pool: Pool): Promise<string> {
  const { rows } = await pool.query<{ grain: string; all: string; org: string }>(
    `select grain, count(*) as all, count(*) filter (where org_id = $1) as org
     from analytics.rollups group by 1 order by 2 desc`,
    [ORG],
  );
  return rows
    .map(({ grain, all, org }) => `${grain} ${Number(all).toLocaleString('en')} (${org})`)
    .join(', ');
}

async function seed(pool: Pool, rawFrom: number, rawEvents: number): Promise<void> {
  await addRawDays(pool, rawEvents, rawFrom);
  await leaveFoldsWaiting(pool);
  await settle(pool);
}

async function measureOrg(service: Service, pool: Pool, rawFrom: number): Promise<void> {
  await compareAnswers(service, pool, rawFrom);
  const before = await measure(service, pool, rawFrom, '1x');
  await seed(pool, rawFrom, 9 * RAW_EVENTS);
  await compareAnswers(service, pool, rawFrom);
  const after = await measure(service, pool, rawFrom, '10x');
  endProgress();
  console.log(`Rollup rows, all (of ${ORG}): ${await rowsOfOrg(pool)}`);
  print(before, after);
}

// Without a worker and its schedule, so that the waiting folds keep waiting.
const service = await startService({ ROLES: 'api,ingest' });
const pool = createPool({
  connectionString: service.databaseUrl,
  max: 4,
  applicationName: 'bench',
  statementTimeoutMs: 0,
  onError: () => {},
});
try {
  const rawFrom = bucketStart(grainNamed('day'), Date.now()) - (RAW_DAYS - 1) * DAY;
  if (!(await isSeeded(pool))) {
    await seedHistory(pool, rawFrom);
    await seed(pool, rawFrom, RAW_EVENTS);
    await recordSeeded(pool);
  }
  const part = process.env.BENCH_PART;
  if (part !== 'admin') await measureOrg(service, pool, rawFrom);
  if (part !== 'org') await measureAdmin(service, pool, ORG, new Date(rawFrom));
} finally {
  await pool.end();
  await service.stop();
}
