/**
 * Measures the time until events are acknowledged, and then until they are visible. Requests are sent at fixed times
 * (open loop) and timed from their due time, so that a stall counts for every request it delays.
 *
 *  - 500 requests a second with one event each. Each answer means a committed event.
 *  - 5,000 events a second in requests of 50. Meanwhile a probe sends five single events a second for its own org. It
 *    polls that org's usage without a pause, and measures from acknowledgement until the usage shows the event.
 *
 * The comparison is a bare INSERT of one row with its commit, into a table without indexes in the same database. It runs
 * alone, and ten times a second beside each load.
 *
 * Results: `of INSERT` is the ratio to the bare INSERT beside the same load. An event should be visible within two
 * seconds of its acknowledgement (p99), of which up to one is the pause between two roll-ups.
 */
import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { Client } from 'pg';
import { SECOND, sleep } from '../src/time.ts';
import { callOk } from './support/call.ts';
import { openLoop } from './support/open-loop.ts';
import { endProgress, progress } from './support/progress.ts';
import { quantileOfSorted } from './support/quantile.ts';
import { usageEvents } from './support/seed-events.ts';
import { send } from './support/sender.ts';
import { startService } from './support/service.ts';

const DURATION = Number(process.env.BENCH_SECONDS ?? 30) * SECOND;
const ALONE = 5 * SECOND;
const INSERTS_BESIDE = 10;
const PROBES = 5;
const PROBE_ORG = 'probe';
const POLL_PAUSE = 10;

const service = await startService();
const client = new Client({ connectionString: service.databaseUrl });
await client.connect();
const agent = new Agent({ keepAlive: true, maxSockets: 512 });
const next = usageEvents(5, () => Date.now());

function sendEvents(count: number) {
  return send(service, agent, Buffer.from(JSON.stringify(Array.from({ length: count }, next))));
}

function insertRow() {
  return client.query(`insert into bench_rows values ($1, now(), $2)`, [
    randomUUID(),
    JSON.stringify(next()),
  ]);
}

async function insertAlone(): Promise<number[]> {
  await client.query('create table bench_rows (id uuid, at timestamptz, event jsonb)');
  const times: number[] = [];
  for (const until = performance.now() + ALONE; performance.now() < until; ) {
    const began = performance.now();
    await insertRow();
    times.push(performance.now() - began);
  }
  return times;
}

/** Sends single events one after another, and polls the usage of their org until all are visible. */
async function probe(): Promise<{ acknowledged: number[]; seen: number[] }> {
  const acknowledgedAt: number[] = [];
  const seen: number[] = [];
  const began = performance.now();
  let done = false;
  const watch = async () => {
    while (!done || seen.length < acknowledgedAt.length) {
      const path = `/analytics/v1/orgs/${PROBE_ORG}/usage?granularity=day`;
      const answer = await callOk<{ totals: { invocations: number } }>(service, agent, path);
      const now = performance.now();
      while (seen.length < Math.min(answer.totals.invocations, acknowledgedAt.length)) {
        seen.push(now - (acknowledgedAt[seen.length] ?? now));
      }
      await sleep(POLL_PAUSE);
    }
  };
  const watching = watch();
  const acknowledged: number[] = [];
  for (let sent = 0; sent < (DURATION / SECOND) * PROBES; sent++) {
    await sleep(Math.max(0, began + (sent * SECOND) / PROBES - performance.now()));
    const sentAt = performance.now();
    await send(service, agent, Buffer.from(JSON.stringify({ ...next(), orgId: PROBE_ORG })));
    acknowledgedAt.push(performance.now());
    acknowledged.push(performance.now() - sentAt);
  }
  done = true;
  await watching;
  return { acknowledged, seen };
}

const table: Record<string, Record<string, string | number>> = {};

function enter(name: string, times: readonly number[], inserts?: readonly number[]): void {
  const at = (some: readonly number[], q: number) =>
    quantileOfSorted(
      [...some].sort((a, b) => a - b),
      q,
    );
  const ratio = (q: number) => (inserts ? (at(times, q) / at(inserts, q)).toFixed(1) : '');
  table[name] = {
    n: times.length,
    p50: at(times, 0.5).toFixed(1),
    p99: at(times, 0.99).toFixed(1),
    max: at(times, 1).toFixed(1),
    'p50 of INSERT': ratio(0.5),
    'p99 of INSERT': ratio(0.99),
  };
}

try {
  // The first requests create partitions and series, and compile the code.
  await openLoop(50, 2 * SECOND, () => sendEvents(20));
  progress(`bare INSERTs, alone (${ALONE / SECOND} s)`);
  enter('bare INSERT and commit, alone', await insertAlone());

  progress(`500 single events a second (${DURATION / SECOND} s)`);
  const [singles, besideSingles] = await Promise.all([
    openLoop(500, DURATION, () => sendEvents(1)),
    openLoop(INSERTS_BESIDE, DURATION, insertRow),
  ]);
  enter('bare INSERT, beside 500 events/s', besideSingles);
  enter('acknowledgement at 500/s, one event each', singles, besideSingles);

  progress(`5,000 events a second in requests of 50 (${DURATION / SECOND} s)`);
  const [fifties, besideFifties, probed] = await Promise.all([
    openLoop(100, DURATION, () => sendEvents(50)),
    openLoop(INSERTS_BESIDE, DURATION, insertRow),
    probe(),
  ]);
  enter('bare INSERT, beside 5,000 events/s', besideFifties);
  enter('acknowledgement at 5,000/s, 50 events each', fifties, besideFifties);
  enter('acknowledgement at 5,000/s, the probe', probed.acknowledged, besideFifties);
  enter('from acknowledgement to usage, the probe', probed.seen);
  endProgress();
  console.log('Milliseconds.');
  console.table(table);
} finally {
  agent.destroy();
  await client.end();
  await service.stop();
}
