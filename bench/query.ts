/**
 * How long questions take. 13 months of rollups of 250 orgs are seeded (40 models, 40 routes, 100 products, ML jobs,
 * orders), the last seven days of them folded from raw events by the service's own code, and folds wait at every
 * grain as they do under load. The largest org is asked over HTTP, on one connection and on fifty; the other side is
 * plain SQL that answers the same question from the raw events, of which there are only seven days (the service keeps
 * no more), while our answers cover thirty. Then there are ten times as many raw events, and all is asked again;
 * and last the admin API, of all orgs together and of the largest, in `support/admin-questions.ts`.
 *
 * Read: `1 conn` is what a person waits, `50 conn` what fifty wait who ask at once, without a pause, on the
 * cores that also run this benchmark. `raw / ours` compares medians. `growth` is the median with ten times the
 * raw events over that with one; the daily usage is meant to have a p99 of at most 25 ms and to grow by at
 * most a fifth. Of the admin API each question is meant to have a p99 below 100 ms.
 *
 * Hours and quarter-hours, of which 90 days would be 30 million rows, are seeded for the four largest orgs and
 * for the largest alone, and for all together; minutes are those of the raw events. With `BENCH_DATABASE_URL` what is
 * seeded stays there, and is asked again by the next run. `BENCH_PART=org` or `admin` asks a part alone.
 */
import { Agent } from 'node:http';
import type { Pool } from 'pg';
import { createPool } from '../src/database/pool.ts';
import { bucketStart, grainNamed } from '../src/rollups/grains.ts';
import { DAY } from '../src/time.ts';
import { askRaw, askRepeatedly } from './support/ask.ts';
import { askAdmin } from './support/ask-admin.ts';
import { callOk } from './support/call.ts';
import { endProgress, progress } from './support/progress.ts';
import { quantileOfSorted } from './support/quantile.ts';
import { orgName } from './support/seed-events.ts';
import {
  addRawDays,
  isSeeded,
  leaveFoldsWaiting,
  noteSeeded,
  RAW_DAYS,
  seedHistory,
  settle,
} from './support/seed-scale.ts';
import { type Service, startService } from './support/service.ts';

const RAW_EVENTS = Number(process.env.BENCH_RAW_EVENTS ?? 100_000);
const ORG = orgName(0);
interface Question {
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

const questions: Record<string, Question> = {
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
  for (const [name, { path, raw }] of Object.entries(questions)) {
    progress(`${size}: ${name}`);
    const url = `/analytics/v1/orgs/${ORG}/${path}`;
    const one = await askRepeatedly(service, () => url, 1);
    const fifty = await askRepeatedly(service, () => url, 50);
    measured.set(name, { one, fifty, raw: await askRaw(pool, raw, [ORG, new Date(rawFrom)]) });
  }
  return measured;
}

/** Both sides must say the same of the days of which there are raw events. */
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

async function askOrg(service: Service, pool: Pool, rawFrom: number): Promise<void> {
  await compareAnswers(service, pool, rawFrom);
  const before = await measure(service, pool, rawFrom, '1x');
  await seed(pool, rawFrom, 9 * RAW_EVENTS);
  await compareAnswers(service, pool, rawFrom);
  const after = await measure(service, pool, rawFrom, '10x');
  endProgress();
  console.log(`Rollup rows, all (of ${ORG}): ${await rowsOfOrg(pool)}`);
  print(before, after);
}

// No worker and no schedule: the folds that wait are to go on waiting.
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
    await noteSeeded(pool);
  }
  const part = process.env.BENCH_PART;
  if (part !== 'admin') await askOrg(service, pool, rawFrom);
  if (part !== 'org') await askAdmin(service, pool, ORG, new Date(rawFrom));
} finally {
  await pool.end();
  await service.stop();
}
