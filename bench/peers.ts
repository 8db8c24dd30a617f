/**
 * Stores the same events in Tidemark and in what others would use, one after the other in one run:
 *
 * - Tidemark over HTTP;
 * - a table with a unique key, `insert … on conflict do nothing`, and a materialised view by hour that is refreshed;
 * - the same with a continuous aggregate, if the server at `BENCH_TIMESCALEDB_URL` has loaded TimescaleDB;
 * - ClickHouse, if `BENCH_CLICKHOUSE_URL` is set, such as http://127.0.0.1:8123.
 *
 * Peers that are not there are named and skipped. Each first gets events of the last 30 days. Then events of the last
 * minute are timed. A tenth of them is sent again, as clients do after a timeout. Then the largest org is asked for its
 * calls, its tokens, and the 95th percentile of 30 days.
 *
 * Results: `events/s` until the last acknowledgement. `rolled up` is the time from there until rollups had all of it. `µs
 * an event` is processor time until then: that of the server, and that of this process as the loader. A table needs a
 * program that parses the JSON; the others do so themselves, so for them it is the cost of sending. `exact` says whether
 * calls and tokens are those that were sent, each once. `durable` comes from the settings of the server. `error` compares
 * the percentile from rollups with the exact one of all raw values.
 *
 * Other work on the machine changes `events/s` far more than `µs an event`. `BENCH_EVENTS` sets the number of events.
 */
import { Client } from 'pg';
import { DAY, MINUTE } from '../src/time.ts';
import { clickhousePeer } from './support/peers/clickhouse.ts';
import type { EventBody, Peer, PeerAnswer, PeerOrReason, UsageEvent } from './support/peers/peer.ts';
import { hasTimescaledb, hypertable, plainTable, tablePeer } from './support/peers/table.ts';
import { tidemarkPeer } from './support/peers/tidemark.ts';
import { endProgress, progress } from './support/progress.ts';
import { quantileOfSorted } from './support/quantile.ts';
import { orgName, usageEvents } from './support/seed-events.ts';
import { startService } from './support/service.ts';

const EVENTS = Number(process.env.BENCH_EVENTS ?? 200_000);
const PER_REQUEST = 1_000;
const CONNECTIONS = 4;
const ORG = orgName(0);
const RANGE = 30 * DAY;
/** Part of the timed events that comes again. */
const REPEATED = 0.1;

function makeEvents(count: number, seed: number, at: (random: () => number) => number): UsageEvent[][] {
  const next = usageEvents(seed, at);
  return Array.from({ length: Math.ceil(count / PER_REQUEST) }, () =>
    Array.from({ length: Math.min(PER_REQUEST, count) }, next),
  );
}

function bodyOf(events: readonly UsageEvent[]): EventBody {
  return {
    json: Buffer.from(JSON.stringify(events)),
    lines: Buffer.from(events.map((event) => JSON.stringify(event)).join('\n')),
  };
}

/** Stores bodies over several connections. */
async function storeAll(peer: Peer, bodies: readonly EventBody[]): Promise<void> {
  let next = 0;
  const work = async () => {
    for (let body = bodies[next++]; body; body = bodies[next++]) await peer.store(body);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
}

interface Load {
  history: readonly EventBody[];
  timed: readonly EventBody[];
  events: number;
  from: Date;
  expected: PeerAnswer;
}

async function measure(peer: Peer, { history, timed, events, from, expected }: Load) {
  progress(`${peer.name}: events of 30 days`);
  await storeAll(peer, history);
  await peer.rollUp();
  progress(`${peer.name}: ${events.toLocaleString('en')} events`);
  const server = peer.processorTime();
  const loader = process.cpuUsage();
  const began = performance.now();
  await storeAll(peer, timed);
  const stored = performance.now();
  await peer.rollUp();
  const rolledUp = performance.now();
  const { user, system } = process.cpuUsage(loader);
  const after = peer.processorTime();
  await storeAll(peer, timed.slice(0, Math.ceil(REPEATED * timed.length)));
  await peer.rollUp();
  const answer = await peer.ask(ORG, from);
  const isExact = answer.calls === expected.calls && answer.inputTokens === expected.inputTokens;
  const micros = (time: number) => (time / events).toFixed(1);
  return {
    'events/s': Math.round((1_000 * events) / (stored - began)).toLocaleString('en'),
    'rolled up, s': ((rolledUp - stored) / 1_000).toFixed(2),
    'µs an event: server': server === undefined || after === undefined ? '' : micros(after - server),
    loader: micros(user + system),
    exact: isExact ? 'yes' : `no: ${(answer.calls - expected.calls).toLocaleString('en')} calls too many`,
    durable: peer.durable,
    'p95, ms': answer.p95.toFixed(1),
    error: `${(100 * (answer.p95 / expected.p95 - 1)).toFixed(2)} %`,
  };
}

function expectedOf(events: readonly UsageEvent[]): PeerAnswer {
  const ofOrg = events.filter(({ orgId }) => orgId === ORG);
  const sorted = Float64Array.from(ofOrg, ({ latencyMs }) => latencyMs).sort();
  return {
    calls: ofOrg.length,
    inputTokens: ofOrg.reduce((sum, { inputTokens }) => sum + inputTokens, 0),
    p95: quantileOfSorted(sorted, 0.95),
  };
}

async function timescalePeer(url: string | undefined): Promise<PeerOrReason> {
  const { name } = hypertable;
  if (url === undefined) return { name, absent: 'BENCH_TIMESCALEDB_URL is not set' };
  if (!(await hasTimescaledb(url))) return { name, absent: 'the server has not loaded TimescaleDB' };
  return tablePeer(url, hypertable, CONNECTIONS);
}

const service = await startService();
const client = new Client({ connectionString: service.databaseUrl });
await client.connect();
const peers: PeerOrReason[] = [];
try {
  const now = Date.now();
  const history = makeEvents(EVENTS / 2, 1, (random) => now - MINUTE - random() * (RANGE - DAY));
  const timed = makeEvents(EVENTS, 2, (random) => now - random() * MINUTE);
  const load: Load = {
    history: history.map(bodyOf),
    timed: timed.map(bodyOf),
    events: timed.length * (timed[0]?.length ?? 0),
    from: new Date(now - RANGE),
    expected: expectedOf([...history, ...timed].flat()),
  };
  const clickhouse = process.env.BENCH_CLICKHOUSE_URL;
  const makers = [
    () => tidemarkPeer(service, client, CONNECTIONS),
    () => tablePeer(service.databaseUrl, plainTable, CONNECTIONS),
    () => timescalePeer(process.env.BENCH_TIMESCALEDB_URL),
    () =>
      clickhouse === undefined
        ? { name: 'ClickHouse', absent: 'BENCH_CLICKHOUSE_URL is not set' }
        : clickhousePeer(clickhouse, CONNECTIONS),
  ];
  const table: Record<string, Awaited<ReturnType<typeof measure>>> = {};
  const skipped: string[] = [];
  for (const make of makers) {
    const peer: PeerOrReason = await make();
    peers.push(peer);
    if ('absent' in peer) skipped.push(`Skipped: ${peer.name}, because ${peer.absent}.`);
    else table[peer.name] = await measure(peer, load);
  }
  endProgress();
  console.log(
    `${load.events.toLocaleString('en')} events, ${PER_REQUEST} a request, ${CONNECTIONS} connections.`,
    `The exact p95 of ${ORG} is ${load.expected.p95.toFixed(1)} ms.`,
  );
  console.table(table);
  for (const line of skipped) console.log(line);
} finally {
  for (const peer of peers) if (!('absent' in peer)) await peer.stop();
  await client.end();
  await service.stop();
}
