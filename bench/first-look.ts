/**
 * Measures the first look at imported data: how long questions take before anybody has asked them. A year of events of one
 * org is imported by `tidemark import`. Each question is asked once as soon as the events are rolled up, once right after
 * they have been promoted to weeks, and once a minute later, when PostgreSQL has done what it does by itself.
 *
 * Results: milliseconds of each question, all kinds of them. No column should be much slower than the last one. `BENCH_EVENTS`
 * is the number of orders; the other types grow with it. `BENCH_PAUSE` is the wait in seconds before the last column.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createPool } from '../src/database/pool.ts';
import { promoteAll } from '../src/rollups/fold/roll-up.ts';
import { coarsestGrain } from '../src/rollups/grains.ts';
import { MINUTE, SECOND, sleep } from '../src/time.ts';
import { callOk } from './support/call.ts';
import { firstQuestions } from './support/first-look/questions.ts';
import { DAYS, yearOfEvents } from './support/first-look/year-of-events.ts';
import { endProgress, progress } from './support/progress.ts';
import { startService } from './support/service.ts';
import { untilRolledUp } from './support/until-rolled-up.ts';

const ORDERS = Number(process.env.BENCH_EVENTS ?? 9_576);
const PAUSE = Number(process.env.BENCH_PAUSE ?? 60) * SECOND;
const ORG = 'acme';

const service = await startService();
const pool = createPool({
  connectionString: service.databaseUrl,
  max: 2,
  applicationName: 'bench',
  statementTimeoutMs: 0,
  onError: () => {},
});
const agent = new Agent({ keepAlive: true });
const now = Date.now();

async function importYear(): Promise<number> {
  const size = { orders: ORDERS, usage: 2 * ORDERS, requests: 2 * ORDERS, jobs: ORDERS, visits: 2 * ORDERS };
  const events = yearOfEvents(ORG, size, now);
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-first-look-'));
  try {
    const file = join(folder, 'year.ndjson');
    await writeFile(file, events.map((event) => JSON.stringify(event)).join('\n'));
    progress(`importing ${events.length.toLocaleString('en')} events`);
    const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
    await promisify(execFile)(process.execPath, [main, 'import', file], {
      env: { ...process.env, DATABASE_URL: service.databaseUrl, LOG_LEVEL: 'warn' },
    });
  } finally {
    await rm(folder, { recursive: true });
  }
  return events.length;
}

/** Milliseconds of each question, each asked once. */
async function askAll(when: string): Promise<number[]> {
  const times: number[] = [];
  for (const path of firstQuestions(ORG, now)) {
    progress(`${when}: ${path}`);
    const began = performance.now();
    await callOk<object>(service, agent, path);
    times.push(performance.now() - began);
  }
  return times;
}

try {
  const imported = await importYear();
  progress('waiting for the roll-up');
  await untilRolledUp(pool, { within: 5 * MINUTE });
  const afterImport = await askAll('right after import');
  progress('promoting to weeks');
  await promoteAll(pool, coarsestGrain);
  const afterPromotion = await askAll('right after promotion');
  await sleep(PAUSE);
  const later = await askAll('later');
  endProgress();
  console.log(
    `Milliseconds; ${imported.toLocaleString('en')} events over ${DAYS} days, ${ORDERS.toLocaleString('en')} of them orders.`,
  );
  const row = (index: number) => ({
    'after import': Math.round(afterImport[index] ?? 0),
    'after promotion': Math.round(afterPromotion[index] ?? 0),
    [`${PAUSE / SECOND} s later`]: Math.round(later[index] ?? 0),
  });
  const paths = firstQuestions(ORG, now).map((path) =>
    path.replace(/[?&](start|end)=[^&]*/g, '').replace(/^.*?(orgs|analytics)\//, ''),
  );
  console.table(Object.fromEntries(paths.map((path, index) => [path, row(index)])));
} finally {
  agent.destroy();
  await pool.end();
  await service.stop();
}
