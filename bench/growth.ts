/**
 * Stores 1, 10 and 100 million events in one database, one size after the other, and measures at each. `-- --events
 * 1m,10m` chooses other sizes.
 *
 * The events come over HTTP. Nine tenths of each step are spread over the last 13 months, oldest first, and the rest
 * over the last minutes. Between these two parts the jobs of the night run at once: promotion, compaction, and the
 * removal of raw events older than seven days. So raw events are kept for 7 days and rollups for 13 months.
 *
 * Results: one row for each size. `events/s` and `µs an event` are of the recent part of a step; the second is
 * processor time of Node and PostgreSQL until all is rolled up. `fold µs` is the time on the clock that folds took for
 * each event of it. `p50` and `p99` are of questions about 30 days of the largest org, in milliseconds. `disk` is the
 * size of the database, with `raw` events and `rollups` as parts of it. `RSS` is the peak of Node.
 *
 * The second table has the exponent of each column between two sizes: 0 does not grow, and 1 grows as the events do.
 * Disk may grow by 1. The others should be near 0; for a rate, below 0 is slower.
 */
import { Agent } from 'node:http';
import { parseArgs } from 'node:util';
import type { Pool } from 'pg';
import { createPool } from '../src/database/pool.ts';
import { promoteAll } from '../src/rollups/fold/roll-up.ts';
import { coarsestGrain, grains } from '../src/rollups/grains.ts';
import { compact } from '../src/rollups/upkeep/compact.ts';
import { applyRetention } from '../src/rollups/upkeep/retention.ts';
import { createLog } from '../src/telemetry/log.ts';
import { DAY, MINUTE, SECOND } from '../src/time.ts';
import { call } from './support/call.ts';
import { measureRepeatedly } from './support/measure.ts';
import {
  pidListeningOn,
  processorTimeOf,
  processorTimeOfTree,
  residentMegabytes,
} from './support/processes/process-use.ts';
import { endProgress, progress } from './support/progress.ts';
import { quantileOfSorted } from './support/quantile.ts';
import { orgName, usageEvents } from './support/seed-events.ts';
import { send } from './support/sender.ts';
import { type Service, startService } from './support/service.ts';
import { untilRolledUp } from './support/until-rolled-up.ts';

const PER_REQUEST = 1_000;
const CONNECTIONS = 4;
const HISTORY = 390 * DAY;
const RAW_DAYS = 7;
/** The part of a step that is recent, and measured. */
const RECENT = 0.1;
const ORG = orgName(0);

/** `1m` is a million, `10k` ten thousand. @throws for anything else */
function readCount(text: string): number {
  const [, digits, unit] = /^(\d+)([km]?)$/i.exec(text.trim()) ?? [];
  const count = Number(digits) * { '': 1, k: 1_000, m: 1_000_000 }[unit?.toLowerCase() as '' | 'k' | 'm'];
  if (Number.isSafeInteger(count) && count >= PER_REQUEST) return count;
  throw new Error(`--events: "${text}" is no number of events; give numbers of at least 1k such as 1m,10m`);
}

/** Sends events whose times ascend, evenly spread over a range. Resolves to the seconds that it took. */
async function sendRange(service: Service, count: number, range: { from: number; to: number }, seed: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const step = (range.to - range.from) / count;
  let made = 0;
  const next = usageEvents(seed, (random) => range.from + step * (made++ + random()));
  let left = Math.ceil(count / PER_REQUEST);
  const began = performance.now();
  const work = async () => {
    while (left-- > 0) {
      const body = Buffer.from(JSON.stringify(Array.from({ length: PER_REQUEST }, next)));
      const { stored } = await send(service, agent, body);
      if (stored !== PER_REQUEST) throw new Error(`${stored} of ${PER_REQUEST} events were stored`);
      if (left % 100 === 0) progress(`sending: ${(left * PER_REQUEST).toLocaleString('en')} to go`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
  agent.destroy();
  return (performance.now() - began) / SECOND;
}

/** Does the work of a night: promotion, compaction, and the end of old raw events. */
async function passNight(pool: Pool): Promise<void> {
  progress('promotion and compaction');
  await promoteAll(pool, coarsestGrain);
  for (const grain of grains) while ((await compact(pool, grain)) > 0);
  progress('removal of raw events');
  await applyRetention({
    ...{ pool, log: createLog({ level: 'warn', destination: process.stderr }), now: Date.now() },
    ...{ rawRetention: RAW_DAYS * DAY, dedupWindow: RAW_DAYS * DAY },
  });
  progress('vacuum');
  await pool.query('vacuum (analyze)');
  await pool.query('checkpoint');
}

/** Seconds that the service has spent folding events. */
async function secondsOfFolds(service: Service): Promise<number> {
  const agent = new Agent();
  const { text } = await call(service, agent, '/metrics');
  const sum = /^tidemark_rollup_duration_seconds_sum\{[^}]*grain="minute"[^}]*\} (\S+)$/m.exec(text)?.[1];
  return Number(sum ?? 0);
}

/** Bytes of the database, of raw events, and of rollups. */
async function bytesOf(pool: Pool): Promise<{ all: number; raw: number; rollups: number }> {
  const sizeOf = (table: string) =>
    `(select coalesce(sum(pg_total_relation_size(relid)), 0)::bigint from pg_partition_tree('analytics.${table}'))`;
  const { rows } = await pool.query<{ all: number; raw: number; rollups: number }>(
    `select pg_database_size(current_database()) as all, ${sizeOf('events')} as raw, ${sizeOf('rollups')} as rollups`,
  );
  return rows[0] ?? { all: 0, raw: 0, rollups: 0 };
}

interface Size {
  events: number;
  rate: number;
  micros: number;
  fold: number;
  p50: number;
  p99: number;
  disk: number;
  raw: number;
  rollups: number;
  rss: number;
}

const questions = [
  'usage?granularity=day',
  'reliability?granularity=day',
  'usage?granularity=day&groupBy=model',
];

async function grow(service: Service, pool: Pool, before: number, events: number): Promise<Size> {
  const now = Date.now();
  const recent = Math.round(RECENT * (events - before));
  await sendRange(service, events - before - recent, { from: now - HISTORY, to: now - 5 * MINUTE }, events);
  await untilRolledUp(pool);
  await passNight(pool);
  const server = pidListeningOn(Number(new URL(service.databaseUrl).port || 5432));
  const timeNow = () =>
    processorTimeOf(service.pid) + (server === undefined ? 0 : processorTimeOfTree(server));
  const [time, folds] = [timeNow(), await secondsOfFolds(service)];
  const end = Date.now();
  const seconds = await sendRange(service, recent, { from: end - 5 * MINUTE, to: end }, events + 1);
  await untilRolledUp(pool);
  const [micros, folded] = [timeNow() - time, (await secondsOfFolds(service)) - folds];
  progress('questions');
  const path = (index: number) => `/analytics/v1/orgs/${ORG}/${questions[index % questions.length]}`;
  const times = await measureRepeatedly(service, path, 1);
  const { all, raw, rollups } = await bytesOf(pool);
  return {
    events,
    rate: recent / seconds,
    micros: micros / recent,
    fold: (1e6 * folded) / recent,
    p50: quantileOfSorted(times, 0.5),
    p99: quantileOfSorted(times, 0.99),
    ...{ disk: all, raw, rollups, rss: residentMegabytes(service.pid, 'peak') },
  };
}

const columns: Record<string, (size: Size) => number> = {
  'events/s': ({ rate }) => rate,
  'µs an event': ({ micros }) => micros,
  'fold µs': ({ fold }) => fold,
  p50: ({ p50 }) => p50,
  p99: ({ p99 }) => p99,
  'disk, MB': ({ disk }) => disk / 1e6,
  'raw, MB': ({ raw }) => raw / 1e6,
  'rollups, MB': ({ rollups }) => rollups / 1e6,
  'RSS, MB': ({ rss }) => rss,
};

function rowOf(value: (column: (size: Size) => number) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, value(column)]));
}

function print(sizes: readonly Size[]): void {
  endProgress();
  const named = (events: number) => `${events.toLocaleString('en')} events`;
  console.table(
    Object.fromEntries(
      sizes.map((size) => [
        named(size.events),
        rowOf((column) => column(size).toFixed(column(size) < 100 ? 1 : 0)),
      ]),
    ),
  );
  const exponents = sizes.slice(1).map((size, index) => {
    const before = sizes[index] ?? size;
    const exponent = (column: (size: Size) => number) =>
      Math.log(column(size) / column(before)) / Math.log(size.events / before.events);
    return [
      `${named(before.events)} to ${named(size.events)}`,
      rowOf((column) => exponent(column).toFixed(2)),
    ];
  });
  if (exponents.length === 0) return;
  console.log('Exponents:');
  console.table(Object.fromEntries(exponents));
}

const { values } = parseArgs({ options: { events: { type: 'string', default: '1m,10m,100m' } } });
const wanted = [...new Set(values.events.split(',').map(readCount))].sort((a, b) => a - b);
const service = await startService({ RAW_RETENTION: `${RAW_DAYS}d` });
const pool = createPool({
  connectionString: service.databaseUrl,
  max: 4,
  applicationName: 'bench',
  statementTimeoutMs: 0,
  onError: () => {},
});
const sizes: Size[] = [];
try {
  for (const events of wanted) {
    sizes.push(await grow(service, pool, sizes.at(-1)?.events ?? 0, events));
    print(sizes);
  }
} finally {
  await pool.end();
  await service.stop();
}
